#include "eval/stats/roc.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "eval/stats/undefined.h"

namespace hilum {
namespace {

// Calls visit(positives, negatives) for each run of equal scores, highest first.
template <typename Visit>
void for_groups(const RankedScores& ranked, std::span<const uint32_t> times, const Visit& visit) {
  size_t at = 0;
  for (const uint32_t end : ranked.group_ends) {
    int64_t positives = 0, negatives = 0;
    for (; at < end; ++at) {
      const uint32_t i = ranked.order[at];
      (ranked.positive[i] ? positives : negatives) += times.empty() ? 1 : times[i];
    }
    visit(static_cast<double>(positives), static_cast<double>(negatives));
  }
}

}  // namespace

RankedScores rank_scores(std::span<const double> scores, std::span<const uint8_t> positive) {
  check(scores.size() == positive.size(), "ranking", "another number of scores than of cases");
  for (const double score : scores) check(!std::isnan(score), "ranking", "a score is not a number");
  RankedScores ranked{
      std::vector<uint32_t>(scores.size()), {}, {positive.begin(), positive.end()}, {scores.begin(), scores.end()}};
  std::iota(ranked.order.begin(), ranked.order.end(), 0u);
  std::stable_sort(
      ranked.order.begin(), ranked.order.end(), [&](uint32_t a, uint32_t b) { return scores[a] > scores[b]; });
  for (uint32_t at = 0; at < ranked.order.size(); ++at)
    if (at + 1 == ranked.order.size() || scores[ranked.order[at]] != scores[ranked.order[at + 1]])
      ranked.group_ends.push_back(at + 1);
  return ranked;
}

double auroc(const RankedScores& ranked, std::span<const uint32_t> times) {
  double above = 0, num_positives = 0, num_negatives = 0;  // above: pairs won, a tie is half
  for_groups(ranked, times, [&](double positives, double negatives) {
    above += negatives * (num_positives + positives / 2);
    num_positives += positives;
    num_negatives += negatives;
  });
  return num_positives > 0 && num_negatives > 0 ? above / (num_positives * num_negatives) : kUndefined;
}

double average_precision(const RankedScores& ranked, std::span<const uint32_t> times) {
  double sum = 0, num_positives = 0, taken = 0;  // sum of positives at a threshold times the precision there
  for_groups(ranked, times, [&](double positives, double negatives) {
    num_positives += positives;
    taken += positives + negatives;
    if (positives > 0) sum += positives * num_positives / taken;
  });
  return num_positives > 0 ? sum / num_positives : kUndefined;
}

std::vector<RocPoint> roc_curve(const RankedScores& ranked) {
  std::vector<RocPoint> points = {{0, 0}};
  double num_positives = 0, num_negatives = 0;
  for_groups(ranked, {}, [&](double positives, double negatives) {
    num_positives += positives;
    num_negatives += negatives;
    points.push_back({num_negatives, num_positives});
  });
  if (!(num_positives > 0 && num_negatives > 0)) return {};
  for (RocPoint& point : points) {
    point.false_positive_rate /= num_negatives;
    point.true_positive_rate /= num_positives;
  }
  return points;
}

}  // namespace hilum
