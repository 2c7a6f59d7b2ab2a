#include "eval/compare/compare_metrics.h"

#include <bit>
#include <limits>
#include <memory>
#include <unordered_set>

#include <fmt/format.h>

#include "eval/report_text.h"

namespace hilum {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

using Cells = std::shared_ptr<std::vector<std::vector<StudyCells>>>;  // [system][study]

Cells all_cells(const CompareInput& input, std::span<const std::string> labels) {
  auto cells = std::make_shared<std::vector<std::vector<StudyCells>>>();
  for (size_t s = 0; s < input.reports.size(); ++s) cells->push_back(cells_of(input, s, labels));
  return cells;
}

void add_label_metrics(std::vector<Metric>& metrics, const std::string& group, const std::string& set,
    const std::vector<std::string>& labels, const Cells& cells, bool whole) {
  metrics.push_back({group, "label micro-F1, " + set,
      [cells](size_t system, std::span<const uint32_t> which) { return micro_f1((*cells)[system], which); }});
  if (!whole) return;
  metrics.push_back(
      {group, "label macro-F1, " + set, [cells, n = labels.size()](size_t system, std::span<const uint32_t> which) {
         return macro_f1((*cells)[system], n, which);
       }});
}

// A number of each label, averaged over the labels that define it.
void add_label_means(std::vector<Metric>& metrics, const std::string& group, const std::string& set, const Cells& cells,
    size_t num_labels) {
  const std::pair<const char*, std::function<std::optional<double>(const LabelCounts&)>> kinds[] = {
      {"accuracy", [](const LabelCounts& counts) { return counts.accuracy(); }},
      {"sensitivity", [](const LabelCounts& counts) { return counts.recall(); }},
      {"specificity", [](const LabelCounts& counts) { return counts.specificity(); }},
      {"F1", [](const LabelCounts& counts) {
         return counts.tp + counts.fp + counts.fn > 0 ? std::optional(counts.f1()) : std::nullopt;
       }}};
  for (const auto& [name, value] : kinds)
    metrics.push_back({group, fmt::format("mean {}, {}", name, set),
        [cells, num_labels, value = value](size_t system, std::span<const uint32_t> which) {
          double sum = 0;
          int64_t defined = 0;
          for (const LabelCounts& counts : label_counts((*cells)[system], num_labels, which))
            if (const auto one = value(counts)) sum += *one, ++defined;
          return defined > 0 ? sum / static_cast<double>(defined) : kUndefined;
        }});
}

// The table of CXR-LLaVA: cells definite on both sides, without No Finding (never 0, so never wrong) and the two labels
// it finds too rare.
void add_definite_labels(std::vector<Metric>& metrics, const CompareInput& input, const std::string& group) {
  const auto cells_for = [&](const std::vector<std::string>& labels) { return all_cells(input, labels); };
  std::vector<std::string> labels = labels_13();
  std::erase_if(labels, [](const std::string& label) { return label == "Pleural Other" || label == "Fracture"; });
  const Cells all = cells_for(labels);
  metrics.push_back(
      {group, "label cells kept (share, 11 labels)", [all](size_t system, std::span<const uint32_t> which) {
         int64_t kept = 0;
         for (const uint32_t i : which) kept += std::popcount((*all)[system][i].kept);
         return static_cast<double>(kept) / (11. * static_cast<double>(which.size()));
       }});
  add_label_metrics(metrics, group, "11 labels", labels, all, false);
  add_label_means(metrics, group, "6 findings (CXR-LLaVA's mean)", cells_for(labels_6()), labels_6().size());
  for (size_t i = 0; i < labels.size(); ++i)
    metrics.push_back({group, "F1, " + labels[i], [all, i](size_t system, std::span<const uint32_t> which) {
                         const LabelCounts counts = one_label_counts((*all)[system], i, which);
                         return counts.tp + counts.fp + counts.fn > 0 ? counts.f1() : kUndefined;
                       }});
}

void add_rule_labels(std::vector<Metric>& metrics, const CompareInput& input) {
  const std::string group =
      input.options.models.labels_by() + " on both texts, " + uncertain_name(input.options.uncertain);
  if (input.options.uncertain == Uncertain::kDrop) return add_definite_labels(metrics, input, group);
  const auto cells_for = [&](const std::vector<std::string>& labels) { return all_cells(input, labels); };
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
  const std::string group = input.options.models.labels_by() + " on the reports against the manifest's labels, " +
                            uncertain_name(input.options.uncertain);
  for (const auto& [set, labels] :
      {std::pair{"14 labels", &labels_14()}, std::pair{"13 labels (without No Finding)", &labels_13()}}) {
    auto cells = std::make_shared<std::vector<std::vector<StudyCells>>>(input.reports.size());
    for (size_t s = 0; s < input.reports.size(); ++s)
      for (size_t i = 0; i < input.studies.size(); ++i)
        (*cells)[s].push_back(study_cells(
            input.references[i]->labels, input.studies[i].systems[s].labels, *labels, input.options.uncertain));
    add_label_metrics(metrics, group, set, *labels, cells, false);
  }
}

void add_form_metrics(std::vector<Metric>& metrics, const CompareInput& input) {
  metrics.push_back(mean_metric("form", "well-formed reports (share)", each_study(input, [&](size_t s, size_t i) {
    return input.studies[i].systems[s].not_well_formed.empty() ? 1.0 : 0.0;
  })));
  metrics.push_back(
      mean_metric("form", "reports equal to the reference (share)", each_study(input, [&](size_t s, size_t i) {
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

Metric mean_metric(std::string group, std::string name, PerSystem values) {
  return {
      std::move(group), std::move(name), [values = std::move(values)](size_t system, std::span<const uint32_t> which) {
        double sum = 0;
        int64_t count = 0;
        for (const uint32_t i : which)
          if (const double value = values[system][i]; value == value) sum += value, ++count;
        return count > 0 ? sum / static_cast<double>(count) : kUndefined;
      }};
}

PerSystem each_study(const CompareInput& input, const std::function<double(size_t, size_t)>& value) {
  PerSystem values(input.reports.size(), std::vector<double>(input.studies.size()));
  for (size_t s = 0; s < values.size(); ++s)
    for (size_t i = 0; i < values[s].size(); ++i) values[s][i] = value(s, i);
  return values;
}

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
  add_box_metrics(metrics, input);
  add_graph_metrics(metrics, input);
  add_text_metrics(metrics, input);
  add_form_metrics(metrics, input);
  return metrics;
}

}  // namespace hilum
