#include "eval/compare_metrics.h"

#include <limits>
#include <memory>
#include <unordered_set>

#include <fmt/format.h>

#include "eval/bleu.h"
#include "eval/ngrams.h"
#include "eval/report_text.h"
#include "eval/rouge.h"

namespace hilum {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

using PerSystem = std::vector<std::vector<double>>;  // [system][study], NaN: this study does not count

// The mean of what is defined.
Metric mean_metric(std::string group, std::string name, PerSystem values) {
  return {std::move(group), std::move(name), [values = std::move(values)](size_t system, std::span<const uint32_t> which) {
            double sum = 0;
            int64_t count = 0;
            for (const uint32_t i : which)
              if (const double value = values[system][i]; value == value) sum += value, ++count;
            return count > 0 ? sum / static_cast<double>(count) : kUndefined;
          }};
}

template <typename Value>
PerSystem each_study(const CompareInput& input, const Value& value) {
  PerSystem values(input.reports.size(), std::vector<double>(input.studies.size()));
  for (size_t s = 0; s < values.size(); ++s)
    for (size_t i = 0; i < values[s].size(); ++i) values[s][i] = value(s, i);
  return values;
}

using Cells = std::shared_ptr<std::vector<std::vector<StudyCells>>>;  // [system][study]

void add_label_metrics(std::vector<Metric>& metrics, const std::string& group, const std::string& set,
                       const std::vector<std::string>& labels, const Cells& cells, bool whole) {
  metrics.push_back({group, "label micro-F1, " + set,
                     [cells](size_t system, std::span<const uint32_t> which) { return micro_f1((*cells)[system], which); }});
  if (!whole) return;
  metrics.push_back({group, "label macro-F1, " + set, [cells, n = labels.size()](size_t system, std::span<const uint32_t> which) {
                       return macro_f1((*cells)[system], n, which);
                     }});
}

void add_rule_labels(std::vector<Metric>& metrics, const CompareInput& input) {
  const std::string group = std::string(kRulesName) + " on both texts, " + uncertain_name(input.options.uncertain);
  const auto cells_for = [&](const std::vector<std::string>& labels) {
    auto cells = std::make_shared<std::vector<std::vector<StudyCells>>>();
    for (size_t s = 0; s < input.reports.size(); ++s) cells->push_back(cells_of(input, s, labels));
    return cells;
  };
  const Cells all = cells_for(labels_14());
  add_label_metrics(metrics, group, "14 labels", labels_14(), all, true);
  for (const bool precision : {true, false})
    metrics.push_back({group, precision ? "label micro-precision, 14 labels" : "label micro-recall, 14 labels",
                       [all, precision](size_t system, std::span<const uint32_t> which) {
                         const LabelCounts total = total_counts((*all)[system], which);
                         return (precision ? total.precision() : total.recall()).value_or(kUndefined);
                       }});
  add_label_metrics(metrics, group, "13 labels (without No Finding)", labels_13(), cells_for(labels_13()), true);
  add_label_metrics(metrics, group, "5 labels", labels_5(), cells_for(labels_5()), true);
}

// Where every reference carries labels of its own, they are a truth that no labeler has touched.
void add_manifest_labels(std::vector<Metric>& metrics, const CompareInput& input) {
  for (const Study* reference : input.references)
    if (reference->labels.empty()) return;
  const std::string group =
      std::string(kRulesName) + " on the reports against the manifest's labels, " + uncertain_name(input.options.uncertain);
  for (const auto& [set, labels] : {std::pair{"14 labels", &labels_14()}, std::pair{"13 labels (without No Finding)", &labels_13()}}) {
    auto cells = std::make_shared<std::vector<std::vector<StudyCells>>>(input.reports.size());
    for (size_t s = 0; s < input.reports.size(); ++s)
      for (size_t i = 0; i < input.studies.size(); ++i)
        (*cells)[s].push_back(
            study_cells(input.references[i]->labels, input.studies[i].systems[s].labels, *labels, input.options.uncertain));
    add_label_metrics(metrics, group, set, *labels, cells, false);
  }
}

void add_box_metrics(std::vector<Metric>& metrics, const CompareInput& input) {
  const auto overlap = [&](size_t s, size_t i) -> const BoxOverlap& { return input.studies[i].systems[s].boxes; };
  const std::string mean = std::string(kBoxMaskName) + ", union of a study's boxes, mean over studies";
  metrics.push_back(mean_metric(mean, "box precision (studies with predicted boxes)", each_study(input, [&](size_t s, size_t i) {
                                  return overlap(s, i).precision().value_or(kUndefined);
                                })));
  metrics.push_back(mean_metric(mean, "box recall (studies with reference boxes)", each_study(input, [&](size_t s, size_t i) {
                                  return overlap(s, i).recall().value_or(kUndefined);
                                })));
  metrics.push_back(mean_metric(mean, "box IoU (studies with reference boxes)", each_study(input, [&](size_t s, size_t i) {
                                  return overlap(s, i).truth > 0 ? overlap(s, i).iou().value_or(kUndefined) : kUndefined;
                                })));
  const std::string pooled = std::string(kBoxMaskName) + ", union of a study's boxes, pixels of all studies added";
  auto overlaps = std::make_shared<std::vector<std::vector<BoxOverlap>>>(input.reports.size());  // [system][study]
  for (size_t s = 0; s < input.reports.size(); ++s)
    for (size_t i = 0; i < input.studies.size(); ++i) (*overlaps)[s].push_back(overlap(s, i));
  for (const bool precision : {true, false})
    metrics.push_back(
        {pooled, precision ? "box precision" : "box recall", [overlaps, precision](size_t system, std::span<const uint32_t> which) {
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
  for (const auto& [kind, name] : {std::pair{kPrecision, "box completion precision"}, std::pair{kRecall, "box completion recall"},
                                   std::pair{kMeanIou, "box completion mIoU"}})
    metrics.push_back({kPhraseBoxName, name, [phrases, kind = kind](size_t system, std::span<const uint32_t> which) {
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

void add_text_metrics(std::vector<Metric>& metrics, const CompareInput& input) {
  std::vector<PerSystem> rouge_values(3, PerSystem(input.reports.size()));
  using Counts = std::vector<std::vector<BleuCounts>>;  // [system][study]
  auto coco = std::make_shared<Counts>(input.reports.size()), sacre = std::make_shared<Counts>(input.reports.size());
  for (size_t s = 0; s < input.reports.size(); ++s)
    for (size_t i = 0; i < input.studies.size(); ++i) {
      const std::string &reference = input.reference_texts[i], &text = input.texts[s][i];
      const RougeScores scores = rouge(reference, text);
      rouge_values[0][s].push_back(scores.rouge1.f1);
      rouge_values[1][s].push_back(scores.rouge2.f1);
      rouge_values[2][s].push_back(scores.rouge_l.f1);
      (*coco)[s].push_back(bleu_counts(split_words(clean_r2gen(reference)), split_words(clean_r2gen(text))));
      (*sacre)[s].push_back(bleu_counts(words_13a(reference), words_13a(text)));
    }
  const char* names[] = {"ROUGE-1", "ROUGE-2", "ROUGE-L"};
  for (size_t i = 0; i < 3; ++i) metrics.push_back(mean_metric(kRougeName, names[i], std::move(rouge_values[i])));
  const auto sum = [](const std::vector<BleuCounts>& counts, std::span<const uint32_t> which) {
    BleuCounts total;
    for (const uint32_t i : which) total += counts[i];
    return total;
  };
  for (const size_t n : {0u, 3u})
    metrics.push_back({kBleuCocoName, fmt::format("BLEU-{}", n + 1), [coco, sum, n](size_t system, std::span<const uint32_t> which) {
                         return bleu_coco(sum((*coco)[system], which))[n];
                       }});
  metrics.push_back({kBleuSacreName, "BLEU-4", [sacre, sum](size_t system, std::span<const uint32_t> which) {
                       return bleu_sacre(sum((*sacre)[system], which)).score;
                     }});
}

void add_form_metrics(std::vector<Metric>& metrics, const CompareInput& input) {
  metrics.push_back(mean_metric("form", "well-formed reports (share)", each_study(input, [&](size_t s, size_t i) {
                                  return input.studies[i].systems[s].not_well_formed.empty() ? 1.0 : 0.0;
                                })));
  metrics.push_back(mean_metric("form", "reports equal to the reference (share)", each_study(input, [&](size_t s, size_t i) {
                                  return input.texts[s][i] == input.reference_texts[i] ? 1.0 : 0.0;
                                })));
  Metric distinct{"form", "distinct reports (share)", [&input](size_t system, std::span<const uint32_t> which) {
                    std::unordered_set<std::string_view> seen;
                    for (const uint32_t i : which) seen.insert(input.texts[system][i]);
                    return static_cast<double>(seen.size()) / static_cast<double>(which.size());
                  }};
  distinct.resampled = false;
  metrics.push_back(std::move(distinct));
}

}  // namespace

std::vector<StudyCells> cells_of(const CompareInput& input, size_t system, std::span<const std::string> labels) {
  std::vector<StudyCells> cells;
  for (const ScoredStudy& study : input.studies)
    cells.push_back(study_cells(study.labels, study.systems[system].labels, labels, input.options.uncertain));
  return cells;
}

std::vector<Metric> compare_metrics(const CompareInput& input) {
  std::vector<Metric> metrics;
  add_rule_labels(metrics, input);
  add_manifest_labels(metrics, input);
  if (input.options.box_completion) add_box_completion(metrics, input);
  else add_box_metrics(metrics, input);
  add_text_metrics(metrics, input);
  add_form_metrics(metrics, input);
  return metrics;
}

}  // namespace hilum
