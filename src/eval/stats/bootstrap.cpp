#include "eval/stats/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "base/progress.h"
#include "base/rng.h"
#include "eval/stats/undefined.h"

namespace hilum {
namespace {

// The studies of each cluster.
std::vector<std::vector<uint32_t>> members_of(const std::vector<uint32_t>& cluster_of) {
  std::vector<std::vector<uint32_t>> members(
      cluster_of.empty() ? 0 : *std::max_element(cluster_of.begin(), cluster_of.end()) + size_t{1});
  for (uint32_t i = 0; i < cluster_of.size(); ++i) members[cluster_of[i]].push_back(i);
  return members;
}

std::vector<uint32_t> draw(
    uint32_t num_studies, const std::vector<std::vector<uint32_t>>& clusters, uint64_t seed, int round) {
  Rng rng(seed, static_cast<uint64_t>(round));
  std::vector<uint32_t> which;
  which.reserve(num_studies);
  if (clusters.empty()) {
    for (uint32_t i = 0; i < num_studies; ++i) which.push_back(rng.below(num_studies));
  } else {
    for (size_t i = 0; i < clusters.size(); ++i) {
      const auto& members = clusters[rng.below(static_cast<uint32_t>(clusters.size()))];
      which.insert(which.end(), members.begin(), members.end());
    }
  }
  return which;
}

void check_clusters(uint32_t num_studies, const BootstrapOptions& options) {
  if (options.cluster_of.empty()) return;
  check(options.cluster_of.size() == num_studies, "bootstrap", "clusters for another number of studies");
  for (const uint32_t cluster : options.cluster_of)
    check(cluster < num_studies, "bootstrap", "a cluster's number past the number of studies");
}

Interval summarize(double value, std::vector<double> draws, double level) {
  std::erase_if(draws, [](double one) { return std::isnan(one); });
  Interval interval{.value = value,
      .low = kUndefined,
      .high = kUndefined,
      .mean = kUndefined,
      .sd = kUndefined,
      .rounds = static_cast<int>(draws.size())};
  if (draws.empty()) return interval;
  std::sort(draws.begin(), draws.end());
  interval.low = quantile(draws, (1 - level) / 2);
  interval.high = quantile(draws, (1 + level) / 2);
  const auto n = static_cast<double>(draws.size());
  interval.mean = std::accumulate(draws.begin(), draws.end(), 0.0) / n;
  double squares = 0;
  for (const double one : draws) squares += (one - interval.mean) * (one - interval.mean);
  interval.sd = std::sqrt(squares / n);
  return interval;
}

}  // namespace

double quantile(std::span<const double> sorted, double q) {
  invariant(!sorted.empty() && q >= 0 && q <= 1, "quantile of something in 0..1");
  const double position = q * static_cast<double>(sorted.size() - 1);
  const auto below = std::min(static_cast<size_t>(position), sorted.size() - 1);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (position - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

std::vector<uint32_t> draw_studies(uint32_t num_studies, const BootstrapOptions& options, int round) {
  check_clusters(num_studies, options);
  return draw(num_studies, members_of(options.cluster_of), options.seed, round);
}

std::vector<Interval> bootstrap(
    uint32_t num_studies, int num_metrics, const Metrics& metrics, const BootstrapOptions& options) {
  check(num_studies > 0, "bootstrap", "no studies to draw from");
  check(options.rounds > 0 && options.rounds <= 1'000'000, "bootstrap", std::to_string(options.rounds) + " rounds",
      "1 to 1000000.");
  check(options.level > 0 && options.level < 1, "bootstrap", "level " + std::to_string(options.level),
      "Between 0 and 1, e.g. 0.95.");
  check_clusters(num_studies, options);
  const auto clusters = members_of(options.cluster_of);
  std::vector<uint32_t> all(num_studies);
  std::iota(all.begin(), all.end(), 0u);
  std::vector<double> values(num_metrics), row(num_metrics);
  metrics(all, values);
  std::vector<std::vector<double>> draws(num_metrics);
  Progress progress("bootstrap", options.rounds, "draws");
  for (int round = 0; round < options.rounds; ++round) {
    progress.update(round);
    metrics(draw(num_studies, clusters, options.seed, round), row);
    for (int m = 0; m < num_metrics; ++m) draws[m].push_back(row[m]);
  }
  std::vector<Interval> intervals;
  for (int m = 0; m < num_metrics; ++m) intervals.push_back(summarize(values[m], std::move(draws[m]), options.level));
  return intervals;
}

}  // namespace hilum
