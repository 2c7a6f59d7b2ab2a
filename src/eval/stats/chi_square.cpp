#include "eval/stats/chi_square.h"

#include <cmath>
#include <limits>

#include "base/error.h"
#include "eval/stats/log_gamma.h"

namespace hilum {
namespace {

// P(a, x) by its power series; converges fast for x < a + 1. Abramowitz and Stegun 6.5.29.
double lower_series(double a, double x) {
  double term = 1 / a, sum = term;
  for (int n = 1; n < 10'000; ++n) {
    term *= x / (a + n);
    sum += term;
    if (term < sum * 1e-17) break;
  }
  return sum * std::exp(a * std::log(x) - x - log_gamma(a));
}

// Q(a, x) by Lentz's continued fraction; converges fast for x >= a + 1. Abramowitz and Stegun 6.5.31.
double upper_fraction(double a, double x) {
  constexpr double kTiny = 1e-300;
  double b = x + 1 - a, c = 1 / kTiny, d = 1 / b, value = d;
  for (int n = 1; n < 10'000; ++n) {
    const double factor = -n * (n - a);
    b += 2;
    d = factor * d + b;
    if (std::abs(d) < kTiny) d = kTiny;
    c = b + factor / c;
    if (std::abs(c) < kTiny) c = kTiny;
    d = 1 / d;
    value *= c * d;
    if (std::abs(c * d - 1) < 1e-16) break;
  }
  return value * std::exp(a * std::log(x) - x - log_gamma(a));
}

}  // namespace

double chi_square_tail(double x, double df) {
  check(std::isfinite(x) && x >= 0 && std::isfinite(df) && df > 0, "chi-square",
      "needs x of at least 0 and more than 0 degrees of freedom");
  if (x == 0) return 1;
  const double a = df / 2, half = x / 2;
  return half < a + 1 ? 1 - lower_series(a, half) : upper_fraction(a, half);
}

}  // namespace hilum
