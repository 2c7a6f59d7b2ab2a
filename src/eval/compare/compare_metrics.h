// The numbers of a comparison, each a function of drawn studies. Add a metric here: one entry in compare_metrics().
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "eval/compare/compare_reports.h"

namespace hilum {

// What the metrics read, made once. The outer index of the vectors is the system.
struct CompareInput {
  CompareOptions options;
  std::vector<const Study*> references;
  std::vector<std::string> reference_texts;
  std::vector<std::vector<const Report*>> reports;
  std::vector<std::vector<std::string>> texts;
  std::vector<ScoredStudy> studies;
  std::vector<std::vector<RadFactStudy>> judged;  // where options has verdicts
  std::vector<RadGraph> reference_graphs;         // where options.models reads graphs
  std::vector<std::vector<RadGraph>> graphs;
};

struct Metric {
  std::string group, name;
  // Of the studies at `which` (indices may repeat); NaN: not defined.
  std::function<double(size_t system, std::span<const uint32_t> which)> value;
  bool resampled = true;  // false: a number that repeated studies would change by themselves, given without interval
};

std::vector<Metric> compare_metrics(const CompareInput& input);

// Parts of it, one file each. They add to `metrics`.
void add_box_metrics(std::vector<Metric>& metrics, const CompareInput& input);   // box scores, completion, RadFact
void add_text_metrics(std::vector<Metric>& metrics, const CompareInput& input);  // ROUGE and BLEU in their variants

void add_graph_metrics(std::vector<Metric>& metrics, const CompareInput& input);  // RadGraph-F1
void add_radfact_metrics(std::vector<Metric>& metrics, const CompareInput& input);

// Fills input.judged; what is missing in the verdicts, or too much, becomes a problem.
void judge_by_verdicts(CompareInput& input, Comparison& comparison);

// [system][study], NaN: this study does not count.
using PerSystem = std::vector<std::vector<double>>;
// The mean of what is defined.
Metric mean_metric(std::string group, std::string name, PerSystem values);
PerSystem each_study(const CompareInput& input, const std::function<double(size_t system, size_t study)>& value);

// The 14 labels' cells of one system, in the order of the studies.
std::vector<StudyCells> cells_of(const CompareInput& input, size_t system, std::span<const std::string> labels);

}  // namespace hilum
