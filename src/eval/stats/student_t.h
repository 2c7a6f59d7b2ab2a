// Student's t interval of a mean, as CXR-RePaiR gives its bootstrap (10 resamples, 9 degrees of freedom; evaluation
// sheet 2.4).
#pragma once

#include <span>

namespace hilum {

struct TInterval {
  double mean = 0, standard_error = 0;  // sd over n - 1, divided by sqrt(n)
  double low = 0, high = 0;
};

// Throws Error for fewer than two values or a level outside 0..1.
TInterval t_interval(std::span<const double> values, double level = 0.95);

// P(T <= t) with df degrees of freedom, and its inverse for a probability in 0..1 (both exclusive).
double student_t_probability(double t, double df);
double student_t_quantile(double probability, double df);

}  // namespace hilum
