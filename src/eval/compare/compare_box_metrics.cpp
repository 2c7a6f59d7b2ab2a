// Box metrics of a comparison: unions over a study, box completion, and RadFact's.
#include <algorithm>
#include <limits>
#include <memory>

#include "eval/compare/compare_metrics.h"
#include "eval/report_text.h"

namespace hilum {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

void add_union_boxes(std::vector<Metric>& metrics, const CompareInput& input) {
  const auto overlap = [&](size_t s, size_t i) -> const BoxOverlap& { return input.studies[i].systems[s].boxes; };
  const std::string mean = std::string(kBoxMaskName) + ", union of a study's boxes, mean over studies";
  metrics.push_back(mean_metric(mean, "box precision (studies with predicted boxes)",
      each_study(input, [&](size_t s, size_t i) { return overlap(s, i).precision().value_or(kUndefined); })));
  metrics.push_back(mean_metric(mean, "box recall (studies with reference boxes)",
      each_study(input, [&](size_t s, size_t i) { return overlap(s, i).recall().value_or(kUndefined); })));
  metrics.push_back(
      mean_metric(mean, "box IoU (studies with reference boxes)", each_study(input, [&](size_t s, size_t i) {
        return overlap(s, i).truth > 0 ? overlap(s, i).iou().value_or(kUndefined) : kUndefined;
      })));
  const std::string pooled = std::string(kBoxMaskName) + ", union of a study's boxes, pixels of all studies added";
  auto overlaps = std::make_shared<std::vector<std::vector<BoxOverlap>>>(input.reports.size());  // [system][study]
  for (size_t s = 0; s < input.reports.size(); ++s)
    for (size_t i = 0; i < input.studies.size(); ++i) (*overlaps)[s].push_back(overlap(s, i));
  for (const bool precision : {true, false})
    metrics.push_back({pooled, precision ? "box precision" : "box recall",
        [overlaps, precision](size_t system, std::span<const uint32_t> which) {
          BoxOverlap total;
          for (const uint32_t i : which) total += (*overlaps)[system][i];
          return (precision ? total.precision() : total.recall()).value_or(kUndefined);
        }});
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

void add_box_completion(std::vector<Metric>& metrics, const CompareInput& input) {
  auto phrases = std::make_shared<std::vector<std::vector<PhraseBoxScores>>>(input.reports.size());  // [system][study]
  for (size_t s = 0; s < input.reports.size(); ++s)
    for (size_t i = 0; i < input.studies.size(); ++i)
      (*phrases)[s].push_back(score_phrase_boxes(phrase_boxes(*input.references[i], *input.reports[s][i])));
  enum Kind { kPrecision, kRecall, kMeanIou };
  for (const auto& [kind, name] : {std::pair{kPrecision, "box completion precision"},
           std::pair{kRecall, "box completion recall"}, std::pair{kMeanIou, "box completion mIoU"}})
    metrics.push_back(
        {kPhraseBoxName, name, [phrases, kind = kind](size_t system, std::span<const uint32_t> which) {
           double sum = 0;
           int64_t count = 0;
           for (const uint32_t i : which) {
             const PhraseBoxScores& study = (*phrases)[system][i];
             const int64_t n = kind == kPrecision ? study.num_with_pixels : study.num_phrases;
             const auto value = kind == kPrecision ? study.precision : kind == kRecall ? study.recall : study.miou;
             if (value) sum += *value * static_cast<double>(n), count += n;
           }
           return count > 0 ? sum / static_cast<double>(count) : kUndefined;
         }});
}

}  // namespace

void add_box_metrics(std::vector<Metric>& metrics, const CompareInput& input) {
  if (input.options.box_completion) return add_box_completion(metrics, input);
  add_union_boxes(metrics, input);
  add_radfact_metrics(metrics, input);
}

}  // namespace hilum
