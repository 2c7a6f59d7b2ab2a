#include "eval/stats/cochran.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "eval/stats/chi_square.h"
#include "eval/stats/log_gamma.h"
#include "eval/stats/undefined.h"

namespace hilum {
namespace {

// ln(n choose k) - n ln 2
double log_binomial_half(double n, double k) {
  return log_gamma(n + 1) - log_gamma(k + 1) - log_gamma(n - k + 1) - n * std::log(2.0);
}

}  // namespace

CochranQ cochran_q(std::span<const Block> blocks) {
  check(!blocks.empty(), "Cochran's Q", "no complete block to test");
  const size_t k = blocks[0].size();
  check(k >= 2, "Cochran's Q", "needs at least two treatments");
  CochranQ result{
      static_cast<int64_t>(blocks.size()), std::vector<int64_t>(k), kUndefined, kUndefined, static_cast<int>(k) - 1};
  double rows_squared = 0, total = 0, columns_squared = 0;
  for (const Block& block : blocks) {
    check(block.size() == k, "Cochran's Q", "blocks of different width");
    int64_t row = 0;
    for (size_t j = 0; j < k; ++j) {
      row += block[j] != 0;
      result.column_sums[j] += block[j] != 0;
    }
    total += static_cast<double>(row);
    rows_squared += static_cast<double>(row * row);
  }
  for (const int64_t sum : result.column_sums) columns_squared += static_cast<double>(sum) * static_cast<double>(sum);
  const double width = static_cast<double>(k), below = width * total - rows_squared;
  if (below == 0) return result;
  result.q = (width - 1) * (width * columns_squared - total * total) / below;
  result.p = chi_square_tail(std::max(0.0, result.q), width - 1);
  return result;
}

McNemar mcnemar(int64_t b, int64_t c) {
  check(b >= 0 && c >= 0, "McNemar's test", "counts below 0");
  McNemar test{b, c, 1, 1, kUndefined, kUndefined, kUndefined, kUndefined};
  const int64_t n = b + c, fewer = std::min(b, c);
  if (n == 0) return test;
  const auto total = static_cast<double>(n), difference = static_cast<double>(std::abs(b - c));
  double tail = 0;
  for (int64_t i = 0; i <= fewer; ++i) tail += std::exp(log_binomial_half(total, static_cast<double>(i)));
  test.exact_p = std::min(1.0, 2 * tail);
  test.mid_p = test.exact_p - std::exp(log_binomial_half(total, static_cast<double>(fewer)));
  test.chi2 = difference * difference / total;
  test.chi2_p = chi_square_tail(test.chi2, 1);
  test.corrected = (difference - 1) * (difference - 1) / total;
  test.corrected_p = chi_square_tail(test.corrected, 1);
  return test;
}

McNemar mcnemar(std::span<const Block> blocks, size_t first, size_t second) {
  int64_t b = 0, c = 0;
  for (const Block& block : blocks) {
    check(std::max(first, second) < block.size(), "McNemar's test", "a treatment that the blocks do not have");
    b += block[first] && !block[second];
    c += !block[first] && block[second];
  }
  return mcnemar(b, c);
}

std::vector<double> holm(std::span<const double> p_values) {
  std::vector<size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> adjusted(p_values.size());
  double so_far = 0;
  for (size_t rank = 0; rank < order.size(); ++rank) {
    so_far = std::max(so_far, std::min(1.0, p_values[order[rank]] * static_cast<double>(order.size() - rank)));
    adjusted[order[rank]] = so_far;
  }
  return adjusted;
}

}  // namespace hilum
