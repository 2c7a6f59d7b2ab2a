// The numbers of a comparison, each a function of drawn studies. A metric is one entry in the file of its family:
// labels in compare_label_metrics.cpp, boxes in compare_box_metrics.cpp, RadFact in compare_radfact.cpp, texts, graphs
// and form in compare_text_metrics.cpp. What is shown (table, JSON, plot) follows from the entry. A new family is a
// file, and a line here and in compare_metrics().
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "eval/compare/comparison.h"

namespace hilum {

// Something of every report: [system][study].
template <typename T>
using PerReport = std::vector<std::vector<T>>;

// What the metrics read.
struct MetricInput {
  const CompareOptions& options;
  const AnnotatedStudies& annotated;
  PerReport<RadFactStudy> judged;  // by options.verdicts; empty without
};

struct Metric {
  std::string group, name;
  // Of the studies at `which` (indices may repeat); NaN: not defined.
  std::function<double(size_t system, std::span<const uint32_t> which)> value;
  bool resampled = true;  // false: a number that repeated studies would change by themselves, given without interval
  double highest = 1;     // the scale is 0..highest
};

// All of them, in the order of the table. They keep nothing of `input`.
std::vector<Metric> compare_metrics(const MetricInput& input);

// The families. They add to `metrics`.
void add_label_metrics(std::vector<Metric>& metrics, const MetricInput& input);    // F1 of labels
void add_box_metrics(std::vector<Metric>& metrics, const MetricInput& input);      // box scores or completion
void add_radfact_metrics(std::vector<Metric>& metrics, const MetricInput& input);  // by verdicts or equal sentences
void add_graph_metrics(std::vector<Metric>& metrics, const MetricInput& input);    // RadGraph-F1
void add_text_metrics(std::vector<Metric>& metrics, const MetricInput& input);     // ROUGE and BLEU in their variants
void add_form_metrics(std::vector<Metric>& metrics, const MetricInput& input);     // well-formed, equal, distinct

// RadFact by recorded verdicts. What is missing in the verdicts, or too much, becomes a problem.
PerReport<RadFactStudy> judge_by_verdicts(const AnnotatedStudies& annotated, const std::vector<std::string>& systems,
    const RadFactVerdicts& verdicts, std::vector<Problem>& problems);

// The cells of some labels, reports against references.
PerReport<StudyCells> label_cells(
    const AnnotatedStudies& annotated, std::span<const std::string> labels, Uncertain uncertain);

// --- For the families ---

// make(study, report) of every report.
template <typename Make>
auto each_report(const AnnotatedStudies& annotated, const Make& make) {
  PerReport<decltype(make(annotated.studies[0], annotated.studies[0].reports[0]))> made(annotated.num_systems());
  for (size_t s = 0; s < made.size(); ++s)
    for (const AnnotatedStudy& study : annotated.studies) made[s].push_back(make(study, study.reports[s]));
  return made;
}

// The same for what follows from the two texts: make(reference, said), their indices, is called once for each pair of
// texts.
template <typename Make>
auto each_pair(const AnnotatedStudies& annotated, const Make& make) {
  std::map<std::pair<size_t, size_t>, decltype(make(size_t{}, size_t{}))> made;
  return each_report(annotated, [&](const AnnotatedStudy& study, const AnnotatedReport& report) {
    const auto [at, is_new] = made.try_emplace({study.text, report.text});
    if (is_new) at->second = make(study.text, report.text);
    return at->second;
  });
}

// The mean of the values that are defined (not NaN).
Metric mean_metric(std::string group, std::string name, PerReport<double> values);

// `value` of the counts of all studies, added with +=.
template <typename Counts, typename Value>
Metric pooled_metric(
    std::string group, std::string name, std::shared_ptr<const PerReport<Counts>> counts, const Value& value) {
  return {std::move(group), std::move(name),
      [counts = std::move(counts), value](size_t system, std::span<const uint32_t> which) -> double {
        Counts total;
        for (const uint32_t i : which) total += (*counts)[system][i];
        return value(total);
      }};
}

}  // namespace hilum
