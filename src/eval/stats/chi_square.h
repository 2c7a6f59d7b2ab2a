// The chi-square distribution's upper tail, for the tests on ratings (evaluation sheet 6.2).
#pragma once

namespace hilum {

// P(X >= x) with df degrees of freedom: the regularised upper incomplete gamma function Q(df / 2, x / 2). Relative
// error below 1e-12 down to 1e-300. Throws Error for x < 0, df <= 0 or something not finite.
double chi_square_tail(double x, double df);

}  // namespace hilum
