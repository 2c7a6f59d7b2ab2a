// The logarithm of the gamma function, for several threads at once: std::lgamma writes the sign into a global variable.
#pragma once

#include <math.h>

namespace hilum {

// ln |gamma(x)|
inline double log_gamma(double x) {
  int sign = 0;
  return ::lgamma_r(x, &sign);
}

}  // namespace hilum
