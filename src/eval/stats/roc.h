// Areas under curves from ranks (evaluation sheet 6.5). Scores are sorted once; draws of a bootstrap then cost one pass
// each.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace hilum {

struct RankedScores {
  std::vector<uint32_t> order;       // indices of the scores, highest first
  std::vector<uint32_t> group_ends;  // in `order`: one past each run of equal scores
  std::vector<uint8_t> positive;     // by index of the score
  std::vector<double> scores;
};

// `scores[i]` belongs to case i, which is positive or not. Throws Error for a score that is not a number, or unequal
// counts.
RankedScores rank_scores(std::span<const double> scores, std::span<const uint8_t> positive);

// How often case i counts is times[i]; once each when empty.
// AUROC = (pairs positive > negative + half of the ties) / (P N). NaN with one class only.
double auroc(const RankedScores& ranked, std::span<const uint32_t> times = {});
// Sum over distinct thresholds, descending, of (R_k - R_(k-1)) P_k: ties enter together. NaN without a positive.
double average_precision(const RankedScores& ranked, std::span<const uint32_t> times = {});

// Sensitivity against 1 - specificity at each distinct threshold, from (0, 0) to (1, 1). Empty with one class only.
struct RocPoint {
  double false_positive_rate = 0, true_positive_rate = 0;
};
std::vector<RocPoint> roc_curve(const RankedScores& ranked);

}  // namespace hilum
