// Tests on matched yes/no answers: Cochran's Q over several treatments, McNemar's on each pair of them (evaluation
// sheet 6.2, 6.3).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace hilum {

// One block (subject): a 0/1 answer to each treatment.
using Block = std::vector<uint8_t>;

struct CochranQ {
  int64_t num_blocks = 0;
  std::vector<int64_t> column_sums;  // yes, of each treatment
  double q = 0, p = 0;               // NaN where every block answers alike (Q is not defined)
  int df = 0;
};

// Q = (k - 1) (k sum C_j^2 - T^2) / (k T - sum R_i^2), chi-square with k - 1 degrees of freedom. With k = 2 it is
// McNemar's chi-square without correction. Throws Error for no block, fewer than 2 treatments, or blocks of different
// width.
CochranQ cochran_q(std::span<const Block> blocks);

// McNemar: b blocks say yes to the first alone, c to the second alone.
struct McNemar {
  int64_t b = 0, c = 0;
  double exact_p = 1, mid_p = 1;          // two-sided binomial; mid-p takes off the probability of the very outcome
  double chi2 = 0, chi2_p = 1;            // (b - c)^2 / n, 1 df; NaN for n = 0
  double corrected = 0, corrected_p = 1;  // (|b - c| - 1)^2 / n
};
McNemar mcnemar(int64_t b, int64_t c);
McNemar mcnemar(std::span<const Block> blocks, size_t first, size_t second);

// Holm's step-down adjustment of p-values, in the order given.
std::vector<double> holm(std::span<const double> p_values);

}  // namespace hilum
