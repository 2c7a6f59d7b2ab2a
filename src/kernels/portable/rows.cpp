#include "portable.h"

namespace hilum::portable {

void add(const float* a, const float* b, float* y, int64_t n) noexcept {
  for (int64_t i = 0; i < n; ++i) y[i] = a[i] + b[i];
}
void mul(const float* a, const float* b, float* y, int64_t n) noexcept {
  for (int64_t i = 0; i < n; ++i) y[i] = a[i] * b[i];
}
void scale(const float* x, float factor, float* y, int64_t n) noexcept {
  for (int64_t i = 0; i < n; ++i) y[i] = x[i] * factor;
}
void exp(const float* x, float* y, int64_t n) noexcept {
  for (int64_t i = 0; i < n; ++i) y[i] = x[i] < -87.3f ? 0.0f : __builtin_expf(x[i]);
}
void gelu(
    const float* x, float* y, int64_t n) noexcept {  // in double: -x/√2 rounded to float would cost 1e-6 in the tail
  for (int64_t i = 0; i < n; ++i) y[i] = static_cast<float>(0.5 * x[i] * __builtin_erfc(-0.70710678118654752 * x[i]));
}
void quick_gelu(const float* x, float* y, int64_t n) noexcept {
  for (int64_t i = 0; i < n; ++i) y[i] = x[i] / (1.0f + __builtin_expf(-1.702f * x[i]));
}
void silu(const float* x, float* y, int64_t n) noexcept {
  for (int64_t i = 0; i < n; ++i) y[i] = x[i] / (1.0f + __builtin_expf(-x[i]));
}
void tanh(const float* x, float* y, int64_t n) noexcept {
  for (int64_t i = 0; i < n; ++i) y[i] = __builtin_tanhf(x[i]);
}
void gated_silu(const float* gate, const float* up, float* y, int64_t n) noexcept {
  for (int64_t i = 0; i < n; ++i) y[i] = gate[i] / (1.0f + __builtin_expf(-gate[i])) * up[i];
}

void softmax(const float* x, float* y, int64_t n) noexcept {
  float most = -__builtin_inff(), sum = 0;
  for (int64_t i = 0; i < n; ++i) most = x[i] > most ? x[i] : most;
  for (int64_t i = 0; i < n; ++i) sum += y[i] = __builtin_expf(x[i] - most);
  for (int64_t i = 0; i < n; ++i) y[i] *= 1.0f / sum;
}

// Sums run in double here: these are the rows that the other tables are measured against.
void layer_norm(const float* x, const float* weight, const float* bias, float* y, int64_t n, float eps) noexcept {
  double sum = 0, squares = 0;
  for (int64_t i = 0; i < n; ++i) sum += x[i];
  const double mean = sum / static_cast<double>(n);
  for (int64_t i = 0; i < n; ++i) squares += (x[i] - mean) * (x[i] - mean);
  const double f = 1.0 / __builtin_sqrt(squares / static_cast<double>(n) + eps);
  for (int64_t i = 0; i < n; ++i) y[i] = static_cast<float>((x[i] - mean) * f) * weight[i] + bias[i];
}
void rms_norm(const float* x, const float* weight, float* y, int64_t n, float eps) noexcept {
  double squares = 0;
  for (int64_t i = 0; i < n; ++i) squares += static_cast<double>(x[i]) * x[i];
  const auto f = static_cast<float>(1.0 / __builtin_sqrt(squares / static_cast<double>(n) + eps));
  for (int64_t i = 0; i < n; ++i) y[i] = x[i] * f * weight[i];
}
float dot(const float* a, const float* b, int64_t n) noexcept {
  double sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += static_cast<double>(a[i]) * b[i];
  return static_cast<float>(sum);
}
void rope(const float* x, const float* cos, const float* sin, float* y, int64_t half) noexcept {
  for (int64_t i = 0; i < half; ++i) {
    const float a = x[i], b = x[half + i];
    y[i] = a * cos[i] - b * sin[i];
    y[half + i] = b * cos[i] + a * sin[i];
  }
}

void depthwise(const DepthwiseArgs& a) noexcept {
  const float* const rows[3] = {a.above, a.here, a.below};
  for (int64_t w = 0; w < a.width; ++w)
    for (int64_t c = 0; c < a.channels; ++c) {
      float sum = a.bias[c];
      for (int64_t r = 0; r < 3; ++r)
        for (int64_t dx = -1; rows[r] && dx <= 1; ++dx)
          if (w + dx >= 0 && w + dx < a.width)
            sum += rows[r][(w + dx) * a.channels + c] * a.taps[(3 * r + dx + 1) * a.channels + c];
      a.y[w * a.channels + c] = sum;
    }
}

int64_t flops(int64_t rounds, float* sink) noexcept {
  float s[32];
  for (int j = 0; j < 32; ++j) s[j] = static_cast<float>(j) + *sink;
  for (int64_t i = 0; i < rounds; ++i)
    for (int j = 0; j < 32; ++j) s[j] = s[j] * 0.999999f + 1e-6f;
  for (int j = 1; j < 32; ++j) s[0] += s[j];
  *sink = s[0];
  return rounds * 32 * 2;
}

}  // namespace hilum::portable
