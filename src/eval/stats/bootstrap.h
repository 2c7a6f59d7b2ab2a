// Percentile bootstrap intervals (evaluation sheet 6.1): studies are drawn with replacement, the metric is recomputed
// from each draw.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace hilum {

struct BootstrapOptions {
  int rounds = 1000;
  uint64_t seed = 0;
  double level = 0.95;  // the interval holds this share of the draws
  // Patients, where a patient has several studies: cluster_of[i] is study i's group, 0 .. groups - 1, and whole groups
  // are drawn. Empty: single studies are drawn.
  std::vector<uint32_t> cluster_of;
};

struct Interval {
  double value = 0;          // of all studies, each once; NaN: not defined
  double low = 0, high = 0;  // NaN where no draw defined it
  double mean = 0, sd = 0;   // of the draws (sd: over rounds, not rounds - 1)
  int rounds = 0;            // draws in which the metric was defined
};

// Position q (n - 1) between order statistics, linear. `sorted` must be ascending and not empty.
double quantile(std::span<const double> sorted, double q);

// The studies of one round; the same for every platform and number of threads (each round has its own stream).
std::vector<uint32_t> draw_studies(uint32_t num_studies, const BootstrapOptions& options, int round);

// Fills `values` from the studies at `which` (indices may repeat). NaN: not defined for these.
using Metrics = std::function<void(std::span<const uint32_t> which, std::span<double> values)>;

// Intervals of several metrics from the same draws, so that their differences are paired. Throws Error for no studies,
// no rounds or a level outside 0..1.
std::vector<Interval> bootstrap(
    uint32_t num_studies, int num_metrics, const Metrics& metrics, const BootstrapOptions& options = {});

}  // namespace hilum
