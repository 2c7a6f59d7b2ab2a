// Box metrics of a comparison: unions over a study, or box completion.

#include <fmt/format.h>

#include "eval/compare/compare_metrics.h"
#include "eval/report_text.h"
#include "eval/stats/undefined.h"

namespace hilum {
namespace {

void add_union_boxes(std::vector<Metric>& metrics, const MetricInput& input) {
  const auto overlaps = std::make_shared<const PerReport<BoxOverlap>>(
      each_report(input.annotated, [](const AnnotatedStudy&, const AnnotatedReport& report) { return report.boxes; }));
  const auto add_mean = [&](const char* name, std::optional<double> (*value)(const BoxOverlap&)) {
    metrics.push_back(mean_metric(fmt::format("{}, union of a study's boxes, mean over studies", kBoxMaskName), name,
        each_report(input.annotated, [&](const AnnotatedStudy&, const AnnotatedReport& report) {
          return value(report.boxes).value_or(kUndefined);
        })));
  };
  const auto add_pooled = [&](const char* name, std::optional<double> (*value)(const BoxOverlap&)) {
    metrics.push_back(
        pooled_metric(fmt::format("{}, union of a study's boxes, pixels of all studies added", kBoxMaskName), name,
            overlaps, [value](const BoxOverlap& total) { return value(total).value_or(kUndefined); }));
  };
  add_mean("box precision (studies with predicted boxes)", [](const BoxOverlap& boxes) { return boxes.precision(); });
  add_mean("box recall (studies with reference boxes)", [](const BoxOverlap& boxes) { return boxes.recall(); });
  add_mean("box IoU (studies with reference boxes)",
      [](const BoxOverlap& boxes) { return boxes.truth > 0 ? boxes.iou() : std::nullopt; });
  add_pooled("box precision", [](const BoxOverlap& boxes) { return boxes.precision(); });
  add_pooled("box recall", [](const BoxOverlap& boxes) { return boxes.recall(); });
}

// The boxes a forced sentence came back with: the k-th occurrence of a sentence answers the k-th.
std::vector<PhraseBoxes> phrase_boxes(const Study& reference, const Report& report) {
  std::vector<PhraseBoxes> phrases;
  std::vector<bool> used(report.findings.size());
  for (const Finding& wanted : reference.findings) {
    PhraseBoxes phrase{boxes_of({wanted}).boxes, std::nullopt};
    const std::string text = text_of({wanted}, std::nullopt);
    for (size_t i = 0; i < used.size(); ++i) {
      if (used[i] || text_of({report.findings[i]}, std::nullopt) != text) continue;
      used[i] = true;
      if (report.findings[i].boxes) phrase.predicted = boxes_of({report.findings[i]}).boxes;
      break;
    }
    phrases.push_back(std::move(phrase));
  }
  return phrases;
}

// A mean over the phrases of all studies: a study's mean weighs as much as it has phrases.
void add_box_completion(std::vector<Metric>& metrics, const MetricInput& input) {
  const auto scores = std::make_shared<const PerReport<PhraseBoxScores>>(
      each_report(input.annotated, [](const AnnotatedStudy& study, const AnnotatedReport& report) {
        return score_phrase_boxes(phrase_boxes(*study.reference, *report.report));
      }));
  const auto add = [&](const char* name, std::optional<double> PhraseBoxScores::* value,
                       int64_t PhraseBoxScores::* num_phrases) {
    metrics.push_back(
        {kPhraseBoxName, name, [scores, value, num_phrases](size_t system, std::span<const uint32_t> which) {
           double sum = 0;
           int64_t count = 0;
           for (const uint32_t i : which) {
             const PhraseBoxScores& study = (*scores)[system][i];
             if (!(study.*value)) continue;
             sum += *(study.*value) * static_cast<double>(study.*num_phrases);
             count += study.*num_phrases;
           }
           return count > 0 ? sum / static_cast<double>(count) : kUndefined;
         }});
  };
  add("box completion precision", &PhraseBoxScores::precision, &PhraseBoxScores::num_with_pixels);
  add("box completion recall", &PhraseBoxScores::recall, &PhraseBoxScores::num_phrases);
  add("box completion mIoU", &PhraseBoxScores::miou, &PhraseBoxScores::num_phrases);
}

}  // namespace

void add_box_metrics(std::vector<Metric>& metrics, const MetricInput& input) {
  if (input.options.box_completion) add_box_completion(metrics, input);
  else add_union_boxes(metrics, input);
}

}  // namespace hilum
