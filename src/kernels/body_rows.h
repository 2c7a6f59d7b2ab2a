// Elementwise and row kernels over the including file's Vec.
#pragma once

namespace {

template <typename F>
inline void map1(const float* x, float* y, int64_t n, F f) {
  int64_t i = 0;
  for (; i + kWidth <= n; i += kWidth) store(y + i, f(load(x + i)));
  if (i < n) store_first(y + i, f(load_first(x + i, n - i)), n - i);
}

template <typename F>
inline void map2(const float* a, const float* b, float* y, int64_t n, F f) {
  int64_t i = 0;
  for (; i + kWidth <= n; i += kWidth) store(y + i, f(load(a + i), load(b + i)));
  if (i < n) store_first(y + i, f(load_first(a + i, n - i), load_first(b + i, n - i)), n - i);
}

// Sum of f(x) over n values. Four running sums hide the latency of the addition; the tail's missing lanes count
// `nothing`.
template <typename F>
inline float sum_over(const float* x, int64_t n, F f) {
  Vec s0 = set1(0), s1 = s0, s2 = s0, s3 = s0;
  int64_t i = 0;
  for (; i + 4 * kWidth <= n; i += 4 * kWidth) {
    s0 = f(s0, load(x + i));
    s1 = f(s1, load(x + i + kWidth));
    s2 = f(s2, load(x + i + 2 * kWidth));
    s3 = f(s3, load(x + i + 3 * kWidth));
  }
  for (; i + kWidth <= n; i += kWidth) s0 = f(s0, load(x + i));
  if (i < n) s1 = first_or(f(s1, load_first(x + i, n - i)), s1, n - i);
  return sum_of(add(add(s0, s1), add(s2, s3)));
}

void add_n(const float* a, const float* b, float* y, int64_t n) noexcept {
  map2(a, b, y, n, [](Vec p, Vec q) { return add(p, q); });
}
void mul_n(const float* a, const float* b, float* y, int64_t n) noexcept {
  map2(a, b, y, n, [](Vec p, Vec q) { return mul(p, q); });
}
void scale_n(const float* x, float factor, float* y, int64_t n) noexcept {
  const Vec f = set1(factor);
  map1(x, y, n, [f](Vec p) { return mul(p, f); });
}
void exp_n(const float* x, float* y, int64_t n) noexcept {
  map1(x, y, n, [](Vec p) { return exp_of(p); });
}
void gelu_n(const float* x, float* y, int64_t n) noexcept {
  map1(x, y, n, [](Vec p) { return gelu_of(p); });
}
void quick_gelu_n(const float* x, float* y, int64_t n) noexcept {
  map1(x, y, n, [](Vec p) { return sigmoid_times(p, mul(p, set1(1.702f))); });
}
void silu_n(const float* x, float* y, int64_t n) noexcept {
  map1(x, y, n, [](Vec p) { return sigmoid_times(p, p); });
}
void tanh_n(const float* x, float* y, int64_t n) noexcept {
  map1(x, y, n, [](Vec p) { return tanh_of(p); });
}
void gated_silu_n(const float* gate, const float* up, float* y, int64_t n) noexcept {
  map2(gate, up, y, n, [](Vec g, Vec u) { return mul(sigmoid_times(g, g), u); });
}

void softmax_row(const float* x, float* y, int64_t n) noexcept {
  if (n <= 0) return;
  Vec top = set1(x[0]);
  int64_t i = 0;
  for (; i + kWidth <= n; i += kWidth) top = vmax(top, load(x + i));
  if (i < n) top = vmax(top, first_or(load_first(x + i, n - i), top, n - i));
  const Vec most = set1(max_of(top));
  Vec sum = set1(0);
  for (i = 0; i + kWidth <= n; i += kWidth) {
    const Vec e = exp_of(sub(load(x + i), most));
    sum = add(sum, e);
    store(y + i, e);
  }
  if (i < n) {
    const Vec e = exp_of(sub(load_first(x + i, n - i), most));
    sum = first_or(add(sum, e), sum, n - i);
    store_first(y + i, e, n - i);
  }
  scale_n(y, 1.0f / sum_of(sum), y, n);
}

// Two passes: the mean first, then the squares about it, so that a large mean costs no digits.
void layer_norm_row(const float* x, const float* weight, const float* bias, float* y, int64_t n, float eps) noexcept {
  const float mean = sum_over(x, n, [](Vec s, Vec p) { return add(s, p); }) / static_cast<float>(n);
  const Vec m = set1(mean);
  const float var = sum_over(x, n, [m](Vec s, Vec p) { return fma(sub(p, m), sub(p, m), s); }) / static_cast<float>(n);
  const Vec f = set1(1.0f / sqrt_of(var + eps));
  int64_t i = 0;
  for (; i + kWidth <= n; i += kWidth) store(y + i, fma(mul(sub(load(x + i), m), f), load(weight + i), load(bias + i)));
  if (i < n) {
    const int64_t r = n - i;
    store_first(
        y + i, fma(mul(sub(load_first(x + i, r), m), f), load_first(weight + i, r), load_first(bias + i, r)), r);
  }
}

void rms_norm_row(const float* x, const float* weight, float* y, int64_t n, float eps) noexcept {
  const float square = sum_over(x, n, [](Vec s, Vec p) { return fma(p, p, s); }) / static_cast<float>(n);
  const Vec f = set1(1.0f / sqrt_of(square + eps));
  map2(x, weight, y, n, [f](Vec p, Vec w) { return mul(mul(p, f), w); });
}

float dot_n(const float* a, const float* b, int64_t n) noexcept {
  Vec s0 = set1(0), s1 = s0;
  int64_t i = 0;
  for (; i + 2 * kWidth <= n; i += 2 * kWidth) {
    s0 = fma(load(a + i), load(b + i), s0);
    s1 = fma(load(a + i + kWidth), load(b + i + kWidth), s1);
  }
  for (; i < n; i += kWidth) {
    const int64_t r = n - i < kWidth ? n - i : kWidth;
    s0 = fma(load_first(a + i, r), load_first(b + i, r), s0);
  }
  return sum_of(add(s0, s1));
}

void rope_row(const float* x, const float* cos, const float* sin, float* y, int64_t half) noexcept {
  for (int64_t i = 0; i < half; i += kWidth) {
    const int64_t r = half - i < kWidth ? half - i : kWidth;
    const Vec a = load_first(x + i, r), b = load_first(x + half + i, r), c = load_first(cos + i, r),
              s = load_first(sin + i, r);
    store_first(y + i, fnma(b, s, mul(a, c)), r);
    store_first(y + half + i, fma(a, s, mul(b, c)), r);
  }
}

template <typename Load>
inline void widen(const uint16_t* x, float* y, int64_t n, Load load_wide) {
  int64_t i = 0;
  for (; i + kWidth <= n; i += kWidth) store(y + i, load_wide(x + i));
  if (i < n) {
    uint16_t rest[kWidth] = {};
    for (int64_t j = i; j < n; ++j) rest[j - i] = x[j];
    store_first(y + i, load_wide(rest), n - i);
  }
}
void f16_to_f32_n(const uint16_t* x, float* y, int64_t n) noexcept {
  widen(x, y, n, [](const uint16_t* p) { return load_f16(p); });
}
void bf16_to_f32_n(const uint16_t* x, float* y, int64_t n) noexcept {
  widen(x, y, n, [](const uint16_t* p) { return load_bf16(p); });
}

int64_t flops_rounds(int64_t rounds, float* sink) noexcept {
  Vec s[12];
  for (int j = 0; j < 12; ++j) s[j] = set1(static_cast<float>(j) + *sink);
  const Vec a = set1(0.999999f), b = set1(1e-6f);
  for (int64_t i = 0; i < rounds; ++i)
    for (int j = 0; j < 12; ++j) s[j] = fma(s[j], a, b);
  for (int j = 1; j < 12; ++j) s[0] = add(s[0], s[j]);
  *sink = sum_of(s[0]);
  return rounds * 12 * kWidth * 2;
}

}  // namespace
