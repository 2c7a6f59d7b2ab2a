#include "portable.h"

namespace hilum::portable {
namespace {

float from_bits(uint32_t bits) {
  float value;
  __builtin_memcpy(&value, &bits, 4);
  return value;
}
float from_bf16(uint16_t bits) { return from_bits(static_cast<uint32_t>(bits) << 16); }
// Subnormal halves are whole multiples of 2^-24; the others move their exponent by 127 - 15.
float from_f16(uint16_t bits) {
  const uint32_t sign = (bits & 0x8000u) << 16, exponent = (bits >> 10) & 31, mantissa = bits & 1023u;
  if (exponent == 31) return from_bits(sign | 0x7f800000u | mantissa << 13);
  if (exponent == 0) return (sign ? -0x1p-24f : 0x1p-24f) * static_cast<float>(mantissa);
  return from_bits(sign | (exponent + 112) << 23 | mantissa << 13);
}

// One row of 16 weights as floats.
void weights16(const void* panels, WeightType type, int64_t i, float* w) {
  switch (type) {
    case WeightType::kF32: __builtin_memcpy(w, static_cast<const float*>(panels) + i, 64); break;
    case WeightType::kF16: f16_to_f32(static_cast<const uint16_t*>(panels) + i, w, 16); break;
    case WeightType::kBF16: bf16_to_f32(static_cast<const uint16_t*>(panels) + i, w, 16); break;
  }
}

template <typename T>
void pack_as(const T* w, int64_t ldw, int64_t k, int64_t first, int64_t last, T* panels) {
  for (int64_t base = first; base < last; base += kPanelWidth) {
    T* panel = panels + base * k;
    const int64_t rows = last - base < kPanelWidth ? last - base : kPanelWidth;
    for (int64_t j = 0; j < k; ++j)
      for (int64_t i = 0; i < kPanelWidth; ++i) panel[j * kPanelWidth + i] = i < rows ? w[(base + i) * ldw + j] : T(0);
  }
}

}  // namespace

void f16_to_f32(const uint16_t* x, float* y, int64_t n) noexcept {
  for (int64_t i = 0; i < n; ++i) y[i] = from_f16(x[i]);
}
void bf16_to_f32(const uint16_t* x, float* y, int64_t n) noexcept {
  for (int64_t i = 0; i < n; ++i) y[i] = from_bf16(x[i]);
}

void pack(
    const void* weight, WeightType type, int64_t ldw, int64_t k, int64_t first, int64_t last, void* panels) noexcept {
  if (type == WeightType::kF32)
    pack_as(static_cast<const float*>(weight), ldw, k, first, last, static_cast<float*>(panels));
  else pack_as(static_cast<const uint16_t*>(weight), ldw, k, first, last, static_cast<uint16_t*>(panels));
}

// Four rows at a time, so that each row of weights is converted once for four.
void gemm(const GemmArgs& g) noexcept {
  constexpr int64_t kRows = 4;
  for (int64_t column = g.first; column < g.last; column += kPanelWidth) {
    const int64_t columns = g.last - column < kPanelWidth ? g.last - column : kPanelWidth;
    for (int64_t row = 0; row < g.rows; row += kRows) {
      const int64_t rows = g.rows - row < kRows ? g.rows - row : kRows;
      float sum[kRows][kPanelWidth] = {};
      if (g.bias)
        for (int64_t m = 0; m < rows; ++m)
          for (int64_t c = 0; c < columns; ++c) sum[m][c] = g.bias[column + c];
      for (int64_t j = 0; j < g.k; ++j) {
        float w[kPanelWidth];
        weights16(g.panels, g.type, column * g.k + j * kPanelWidth, w);
        for (int64_t m = 0; m < rows; ++m) {
          const float x = g.x[(row + m) * g.ldx + j];
          for (int64_t c = 0; c < kPanelWidth; ++c) sum[m][c] += x * w[c];
        }
      }
      for (int64_t m = 0; m < rows; ++m)
        for (int64_t c = 0; c < columns; ++c) g.y[(row + m) * g.ldy + column + c] = sum[m][c];
    }
  }
}

// The same running softmax as the fast tables, key by key.
void attention(const AttentionArgs& a) noexcept {
  for (int64_t row = 0; row < a.rows; ++row) {
    const float* q = a.q + row * a.ldq;
    float* y = a.y + row * a.ldy;
    float most = -__builtin_inff(), sum = 0;
    float out[kMaxHeadDim] = {};
    for (int64_t key = a.hidden ? a.hidden[row] : 0; key < a.visible[row]; ++key) {
      const float* k = a.key_panels + key / kPanelWidth * kPanelWidth * a.d + key % kPanelWidth;
      float score = 0;
      for (int64_t j = 0; j < a.d; ++j) score += q[j] * k[j * kPanelWidth];
      if (score > most) {
        const float shrink = __builtin_expf(most - score);
        for (int64_t j = 0; j < a.d; ++j) out[j] *= shrink;
        sum *= shrink;
        most = score;
      }
      const float e = __builtin_expf(score - most);
      sum += e;
      for (int64_t j = 0; j < a.d; ++j) out[j] += e * a.values[key * a.ldv + j];
    }
    for (int64_t j = 0; j < a.d; ++j) y[j] = out[j] / sum;
  }
}

}  // namespace hilum::portable
