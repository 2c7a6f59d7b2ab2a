// Mathematics that gives the same bits on every machine: the C library's sin, exp and log differ between processors in
// the last place, and a phantom's bytes are pinned. Plain IEEE operations only; the float forms vectorise in loops.
#pragma once

#include <bit>
#include <cstdint>

#include "base/rng.h"

namespace hilum::phantom {

inline constexpr double kPi = 3.14159265358979323846;

// Uniform in -spread .. spread.
inline float jitter(Rng& rng, float spread) { return static_cast<float>(rng.uniform(-spread, spread)); }

// Taylor series after reduction to [-pi/4, pi/4]; error below 1e-11.
inline double det_sin_core(double x) {
  const double s = x * x;
  return x * (1 + s * (-1.0 / 6 + s * (1.0 / 120 + s * (-1.0 / 5040 + s * (1.0 / 362880 + s * (-1.0 / 39916800))))));
}
inline double det_cos_core(double x) {
  const double s = x * x;
  return 1 + s * (-0.5 + s * (1.0 / 24 + s * (-1.0 / 720 + s * (1.0 / 40320 + s * (-1.0 / 3628800)))));
}
inline double det_sin(double x) {
  const double turns = x / (kPi / 2);
  const auto quarter = static_cast<int64_t>(turns < 0 ? turns - 0.5 : turns + 0.5);
  const double rest = x - static_cast<double>(quarter) * (kPi / 2);
  switch (quarter & 3) {
    case 0: return det_sin_core(rest);
    case 1: return det_cos_core(rest);
    case 2: return -det_sin_core(rest);
    default: return -det_cos_core(rest);
  }
}
inline double det_cos(double x) { return det_sin(x + kPi / 2); }

// e^x for -80 <= x <= 80, relative error about 3e-7.
inline float det_exp(float x) {
  const float scaled = x * 1.44269504f;
  const auto whole = static_cast<int32_t>(scaled + (scaled < 0 ? -0.5f : 0.5f));
  const float r = (scaled - static_cast<float>(whole)) * 0.693147181f;
  const float p =
      1 + r * (1 + r * (0.5f + r * (0.166666667f + r * (0.0416666667f + r * (0.00833333333f + r * 0.00138888889f)))));
  return p * std::bit_cast<float>((whole + 127) << 23);
}

// ln x for normal positive x, absolute error about 1e-6.
inline float det_log(float x) {
  const auto bits = std::bit_cast<int32_t>(x);
  const int32_t exponent = (bits - 0x3f3504f3) >> 23;  // mantissa falls in [sqrt(1/2), sqrt(2))
  const float m = std::bit_cast<float>(bits - (exponent << 23));
  const float t = (m - 1) / (m + 1), s = t * t;
  return static_cast<float>(exponent) * 0.693147181f +
         2 * t * (1 + s * (0.333333333f + s * (0.2f + s * (0.142857143f + s * 0.111111111f))));
}

inline float det_pow(float base, float power) { return base <= 0 ? 0.0f : det_exp(power * det_log(base)); }

// Near-normal, mean 0 and variance 1, bounded by 3.46: the sum of four uniforms.
inline double det_normal(Rng& rng) {
  double sum = -2;
  for (int i = 0; i < 4; ++i) sum += rng.uniform();
  return sum * 1.7320508075688772;
}

inline uint32_t hash32(uint32_t x) {
  x ^= x >> 16;
  x *= 0x7feb352du;
  x ^= x >> 15;
  x *= 0x846ca68bu;
  return x ^ (x >> 16);
}

}  // namespace hilum::phantom
