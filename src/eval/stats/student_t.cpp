#include "eval/stats/student_t.h"

#include <cmath>

#include "base/error.h"
#include "eval/stats/log_gamma.h"

namespace hilum {
namespace {

// The continued fraction of the incomplete beta function by Lentz's method; fast for x < (a + 1) / (a + b + 2).
// Abramowitz and Stegun 26.5.8.
double beta_fraction(double a, double b, double x) {
  double c = 1, d = 1 / (1 - (a + b) * x / (a + 1)), value = d;
  for (int m = 1; m < 10'000; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / (1 + even * d);
    c = 1 + even / c;
    value *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / (1 + odd * d);
    c = 1 + odd / c;
    value *= d * c;
    if (std::abs(d * c - 1) < 1e-16) break;
  }
  return value;
}

// Regularised incomplete beta function I_x(a, b).
double incomplete_beta(double a, double b, double x) {
  if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1;
  const double front = std::exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * std::log(x) + b * std::log1p(-x));
  return x < (a + 1) / (a + b + 2) ? front * beta_fraction(a, b, x) / a : 1 - front * beta_fraction(b, a, 1 - x) / b;
}

}  // namespace

double student_t_probability(double t, double df) {
  check(df > 0 && !std::isnan(t), "Student's t", "needs a number and more than 0 degrees of freedom");
  const double tail = incomplete_beta(df / 2, .5, df / (df + t * t)) / 2;
  return t > 0 ? 1 - tail : tail;
}

double student_t_quantile(double probability, double df) {
  check(probability > 0 && probability < 1, "Student's t", "a probability outside 0..1");
  double low = -1, high = 1;
  while (student_t_probability(low, df) > probability) low *= 2;
  while (student_t_probability(high, df) < probability) high *= 2;
  for (int i = 0; i < 200 && low < high; ++i) {
    const double middle = (low + high) / 2;
    if (middle == low || middle == high) break;
    (student_t_probability(middle, df) < probability ? low : high) = middle;
  }
  return (low + high) / 2;
}

TInterval t_interval(std::span<const double> values, double level) {
  check(values.size() >= 2, "t interval", "needs two values at least");
  check(level > 0 && level < 1, "t interval", "a level outside 0..1");
  const auto n = static_cast<double>(values.size());
  TInterval interval;
  for (const double value : values) interval.mean += value / n;
  double squares = 0;
  for (const double value : values) squares += (value - interval.mean) * (value - interval.mean);
  interval.standard_error = std::sqrt(squares / (n - 1) / n);
  const double reach = student_t_quantile((1 + level) / 2, n - 1) * interval.standard_error;
  interval.low = interval.mean - reach;
  interval.high = interval.mean + reach;
  return interval;
}

}  // namespace hilum
