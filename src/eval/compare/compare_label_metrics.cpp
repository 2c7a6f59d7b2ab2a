// Label metrics of a comparison: F1 over sets of labels, the reports' labels against those of the reference texts, and
// against the manifest's where it has them.
#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "eval/compare/compare_metrics.h"
#include "eval/stats/undefined.h"

namespace hilum {
namespace {

using Cells = std::shared_ptr<const PerReport<StudyCells>>;

Cells cells_of(const MetricInput& input, std::span<const std::string> labels) {
  return std::make_shared<PerReport<StudyCells>>(label_cells(input.annotated, labels, input.options.uncertain));
}

// F1 where the label occurs on either side.
std::optional<double> f1_if_any(const LabelCounts& counts) {
  return counts.tp + counts.fp + counts.fn > 0 ? std::optional(counts.f1()) : std::nullopt;
}

void add_micro_f1(std::vector<Metric>& metrics, const std::string& group, const std::string& set, const Cells& cells) {
  metrics.push_back({group, "label micro-F1, " + set,
      [cells](size_t system, std::span<const uint32_t> which) { return micro_f1((*cells)[system], which); }});
}

void add_macro_f1(std::vector<Metric>& metrics, const std::string& group, const std::string& set, const Cells& cells,
    size_t num_labels) {
  metrics.push_back(
      {group, "label macro-F1, " + set, [cells, num_labels](size_t system, std::span<const uint32_t> which) {
         return macro_f1((*cells)[system], num_labels, which);
       }});
}

// A number of each label, averaged over the labels that define it; how many those are is a number of its own, whose
// interval shows the draws that leave labels undefined.
void add_label_means(std::vector<Metric>& metrics, const std::string& group, const std::string& set, const Cells& cells,
    size_t num_labels) {
  using Value = std::optional<double> (*)(const LabelCounts&);
  const std::pair<const char*, Value> kinds[] = {
      {"accuracy", [](const LabelCounts& counts) { return counts.accuracy(); }},
      {"sensitivity", [](const LabelCounts& counts) { return counts.recall(); }},
      {"specificity", [](const LabelCounts& counts) { return counts.specificity(); }}, {"F1", f1_if_any}};
  for (const auto& [name, value] : kinds) {
    metrics.push_back({group, fmt::format("mean {}, {}", name, set),
        [cells, num_labels, value](size_t system, std::span<const uint32_t> which) {
          double sum = 0;
          int64_t defined = 0;
          for (const LabelCounts& counts : label_counts((*cells)[system], num_labels, which))
            if (const auto one = value(counts)) {
              sum += *one;
              ++defined;
            }
          return defined > 0 ? sum / static_cast<double>(defined) : kUndefined;
        }});
    metrics.push_back({group, fmt::format("labels in that mean {}", name),
        [cells, num_labels, value](size_t system, std::span<const uint32_t> which) {
          double defined = 0;
          for (const LabelCounts& counts : label_counts((*cells)[system], num_labels, which))
            defined += value(counts).has_value();
          return defined;
        }});
    metrics.back().highest = static_cast<double>(num_labels);
  }
}

// The table of CXR-LLaVA: cells definite on both sides, without No Finding (never 0, so never wrong) and the two labels
// it finds too rare.
void add_definite_labels(std::vector<Metric>& metrics, const MetricInput& input, const std::string& group) {
  std::vector<std::string> labels = labels_13();
  std::erase_if(labels, [](const std::string& label) { return label == "Pleural Other" || label == "Fracture"; });
  const Cells all = cells_of(input, labels);
  metrics.push_back(
      {group, "label cells kept (share, 11 labels)", [all](size_t system, std::span<const uint32_t> which) {
         int64_t kept = 0;
         for (const uint32_t i : which) kept += std::popcount((*all)[system][i].kept);
         return static_cast<double>(kept) / (11. * static_cast<double>(which.size()));
       }});
  add_micro_f1(metrics, group, "11 labels", all);
  add_label_means(metrics, group, "6 findings (CXR-LLaVA's mean)", cells_of(input, labels_6()), labels_6().size());
  for (size_t i = 0; i < labels.size(); ++i)
    metrics.push_back({group, "F1, " + labels[i], [all, i](size_t system, std::span<const uint32_t> which) {
                         return f1_if_any(one_label_counts((*all)[system], i, which)).value_or(kUndefined);
                       }});
}

void add_text_labels(std::vector<Metric>& metrics, const MetricInput& input) {
  const std::string group =
      fmt::format("{} on both texts, {}", input.options.models.labels_by(), uncertain_name(input.options.uncertain));
  if (input.options.uncertain == Uncertain::kDrop) return add_definite_labels(metrics, input, group);
  const auto add_f1 = [&](const std::string& set, const std::vector<std::string>& labels, const Cells& cells) {
    add_micro_f1(metrics, group, set, cells);
    add_macro_f1(metrics, group, set, cells, labels.size());
  };
  const Cells all = cells_of(input, labels_14());
  add_f1("14 labels", labels_14(), all);
  for (const bool precision : {true, false})
    metrics.push_back({group, precision ? "label micro-precision, 14 labels" : "label micro-recall, 14 labels",
        [all, precision](size_t system, std::span<const uint32_t> which) {
          const LabelCounts total = total_counts((*all)[system], which);
          return (precision ? total.precision() : total.recall()).value_or(kUndefined);
        }});
  add_f1("13 labels (without No Finding)", labels_13(), cells_of(input, labels_13()));
  add_f1("5 labels", labels_5(), cells_of(input, labels_5()));
}

// Where every reference carries labels of its own, they are a truth that no labeler has touched.
void add_manifest_labels(std::vector<Metric>& metrics, const MetricInput& input) {
  if (std::any_of(input.annotated.studies.begin(), input.annotated.studies.end(),
          [](const AnnotatedStudy& study) { return study.reference->labels.empty(); }))
    return;
  const std::string group = fmt::format("{} on the reports against the manifest's labels, {}",
      input.options.models.labels_by(), uncertain_name(input.options.uncertain));
  for (const auto& [set, labels] :
      {std::pair{"14 labels", &labels_14()}, std::pair{"13 labels (without No Finding)", &labels_13()}})
    add_micro_f1(metrics, group, set,
        std::make_shared<PerReport<StudyCells>>(
            each_report(input.annotated, [&, labels](const AnnotatedStudy& study, const AnnotatedReport& report) {
              return study_cells(
                  study.reference->labels, input.annotated.texts[report.text].labels, *labels, input.options.uncertain);
            })));
}

}  // namespace

PerReport<StudyCells> label_cells(
    const AnnotatedStudies& annotated, std::span<const std::string> labels, Uncertain uncertain) {
  return each_pair(annotated, [&](size_t reference, size_t said) {
    return study_cells(annotated.texts[reference].labels, annotated.texts[said].labels, labels, uncertain);
  });
}

void add_label_metrics(std::vector<Metric>& metrics, const MetricInput& input) {
  add_text_labels(metrics, input);
  add_manifest_labels(metrics, input);
}

}  // namespace hilum
