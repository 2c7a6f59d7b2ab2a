// The numbers of a comparison, each a function of drawn studies. Add a metric here: one entry in compare_metrics().
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "eval/compare_reports.h"

namespace hilum {

// What the metrics read, made once. The outer index of the vectors is the system.
struct CompareInput {
  CompareOptions options;
  std::vector<const Study*> references;
  std::vector<std::string> reference_texts;
  std::vector<std::vector<const Report*>> reports;
  std::vector<std::vector<std::string>> texts;
  std::vector<ScoredStudy> studies;
};

struct Metric {
  std::string group, name;
  // Of the studies at `which` (indices may repeat); NaN: not defined.
  std::function<double(size_t system, std::span<const uint32_t> which)> value;
  bool resampled = true;  // false: a number that repeated studies would change by themselves, given without interval
};

std::vector<Metric> compare_metrics(const CompareInput& input);

// The 14 labels' cells of one system, in the order of the studies.
std::vector<StudyCells> cells_of(const CompareInput& input, size_t system, std::span<const std::string> labels);

}  // namespace hilum
