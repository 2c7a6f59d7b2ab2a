// Depthwise 3x3 on one row of a token grid, over the including file's Vec.
#pragma once

namespace {

// Some channels (a vector, or the first `n` lanes of one) along the row: their nine taps stay in registers.
template <typename Load, typename Store>
inline void depthwise_channels(const DepthwiseArgs& a, int64_t c, Load load_at, Store store_at) {
  const Vec bias = load_at(a.bias + c);
  Vec taps[9];
  for (int i = 0; i < 9; ++i) taps[i] = load_at(a.taps + i * a.channels + c);
  const float* const rows[3] = {a.above, a.here, a.below};
  for (int64_t w = 0; w < a.width; ++w) {
    Vec sum = bias;
    for (int r = 0; r < 3; ++r) {
      if (!rows[r]) continue;
      const float* x = rows[r] + w * a.channels + c;
      if (w > 0) sum = fma(load_at(x - a.channels), taps[3 * r], sum);
      sum = fma(load_at(x), taps[3 * r + 1], sum);
      if (w + 1 < a.width) sum = fma(load_at(x + a.channels), taps[3 * r + 2], sum);
    }
    store_at(a.y + w * a.channels + c, sum);
  }
}

void depthwise_row(const DepthwiseArgs& a) noexcept {
  int64_t c = 0;
  for (; c + kWidth <= a.channels; c += kWidth)
    depthwise_channels(a, c, [](const float* p) { return load(p); }, [](float* p, Vec v) { store(p, v); });
  const int64_t rest = a.channels - c;
  if (rest > 0)
    depthwise_channels(
        a, c, [rest](const float* p) { return load_first(p, rest); },
        [rest](float* p, Vec v) { store_first(p, v, rest); });
}

}  // namespace
