// y = x · weightᵀ + bias over weight panels, for the including file's Vec and its kMaxRows, panels_for(rows).
//
// A tile is M rows of x by P panels (16 P outputs); its M·P·16 sums stay in registers while k runs. x is copied kDepth
// columns at a time to a small block of constant row stride: it stays in the first-level cache, its rows cannot fall on
// the same cache sets (3072 floats apart they would), and the constant stride lets every operand be addressed from one
// register. A block of panels (kDepth deep, kColumns wide) stays in the second-level cache while all row groups pass
// over it.
#pragma once

namespace {

constexpr int64_t kDepth = 384;              // columns of x at a time
constexpr int64_t kStride = kDepth + 16;     // floats between rows of the copy
constexpr int64_t kColumns = 512;            // outputs at a time: 512 · 384 · 4 bytes = 3/4 of a megabyte
constexpr int64_t kAhead = 1024;             // bytes of a panel fetched ahead: measured, 3 % on Zen 4
constexpr int kVecs = kPanelWidth / kWidth;  // registers per panel row

template <WeightType T>
inline Vec load_weight(const void* panel, int64_t i) {
  if constexpr (T == WeightType::kF32) return load(static_cast<const float*>(panel) + i);
  if constexpr (T == WeightType::kF16) return load_f16(static_cast<const uint16_t*>(panel) + i);
  if constexpr (T == WeightType::kBF16) return load_bf16(static_cast<const uint16_t*>(panel) + i);
}
template <WeightType T>
inline const void* at(const void* panels, int64_t i) {
  return static_cast<const char*>(panels) + i * (T == WeightType::kF32 ? 4 : 2);
}

// y[m][0..columns) = (start ? start : 0 or y) + x[m][..depth) · panels. x has stride kStride. `panels` at the tile's
// first panel and first k; element (k, c) of panel p stands at p * panel_stride + k * row_stride + c. columns <= 16 P;
// fewer only cuts what is loaded and stored of y.
struct Tile {
  const float* x;
  const void* panels;
  int64_t panel_stride, row_stride, depth;
  const float* bias;  // at the tile's first column, or null
  bool accumulate;    // add to y (then without bias)
  float* y;
  int64_t ldy, columns;
};

template <int M, int P, WeightType T>
inline void run_tile(const Tile& t) {
  constexpr int N = P * kVecs;
  Vec s[M][N];
  const bool whole = t.columns == P * kPanelWidth;
#pragma GCC unroll 16
  for (int n = 0; n < N; ++n) {
    const int64_t left = t.columns - n * kWidth;
    const Vec start = t.bias && !t.accumulate
                          ? (whole         ? load(t.bias + n * kWidth)
                                : left > 0 ? load_first(t.bias + n * kWidth, left < kWidth ? left : kWidth)
                                           : set1(0))
                          : set1(0);
#pragma GCC unroll 16
    for (int m = 0; m < M; ++m) s[m][n] = start;
  }
  if (t.accumulate) {
#pragma GCC unroll 16
    for (int m = 0; m < M; ++m)
#pragma GCC unroll 16
      for (int n = 0; n < N; ++n) {
        const int64_t left = t.columns - n * kWidth;
        const float* from = t.y + m * t.ldy + n * kWidth;
        s[m][n] = whole ? load(from) : left > 0 ? load_first(from, left < kWidth ? left : kWidth) : set1(0);
      }
  }
  const float* x = t.x;
  const void* panel[P];
#pragma GCC unroll 16
  for (int p = 0; p < P; ++p) panel[p] = at<T>(t.panels, p * t.panel_stride);
  const int64_t step = t.row_stride;
  for (int64_t k = 0; k < t.depth; ++k) {
    Vec w[N];
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p)
#pragma GCC unroll 16
      for (int v = 0; v < kVecs; ++v) w[p * kVecs + v] = load_weight<T>(panel[p], v * kWidth);
#pragma GCC unroll 16
    for (int m = 0; m < M; ++m) {
      const Vec a = set1(x[m * kStride]);
#pragma GCC unroll 16
      for (int n = 0; n < N; ++n) s[m][n] = fma(a, w[n], s[m][n]);
    }
    ++x;
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) {
      __builtin_prefetch(static_cast<const char*>(panel[p]) + kAhead);
      panel[p] = at<T>(panel[p], step);
    }
  }
#pragma GCC unroll 16
  for (int m = 0; m < M; ++m)
#pragma GCC unroll 16
    for (int n = 0; n < N; ++n) {
      const int64_t left = t.columns - n * kWidth;
      float* to = t.y + m * t.ldy + n * kWidth;
      if (whole) store(to, s[m][n]);
      else if (left > 0) store_first(to, s[m][n], left < kWidth ? left : kWidth);
    }
}

// M rows by any number of columns: whole tiles of panels_for(M), then single panels.
template <int M, WeightType T>
inline void run_rows(Tile t, int64_t columns) {
  constexpr int P = panels_for(M);
  constexpr int64_t kTile = P * kPanelWidth;
  while (columns > 0) {
    const bool wide = columns > (P - 1) * kPanelWidth;  // the last tile may be cut, but the weight holds all P panels
    t.columns = wide ? (columns < kTile ? columns : kTile) : (columns < kPanelWidth ? columns : kPanelWidth);
    if (wide) run_tile<M, P, T>(t);
    else run_tile<M, 1, T>(t);
    const int64_t panels = wide ? P : 1;
    t.panels = at<T>(t.panels, panels * t.panel_stride);
    t.y += t.columns;
    if (t.bias) t.bias += t.columns;
    columns -= t.columns;
  }
}

template <WeightType T, int M = kMaxRows>
inline void run_group(int64_t rows, const Tile& t, int64_t columns) {
  if constexpr (M > 1) {
    if (rows < M) return run_group<T, M - 1>(rows, t, columns);
  }
  run_rows<M, T>(t, columns);
}

inline void copy_block(const float* x, int64_t ldx, int64_t rows, int64_t depth, float* to) {
  for (int64_t m = 0; m < rows; ++m) {
    const float* from = x + m * ldx;
    float* row = to + m * kStride;
    int64_t k = 0;
    for (; k + kWidth <= depth; k += kWidth) store(row + k, load(from + k));
    if (k < depth) store_first(row + k, load_first(from + k, depth - k), depth - k);
  }
}

template <WeightType T>
void gemm_typed(const GemmArgs& g) {
  alignas(64) float block[kMaxRows * kStride];
  // Few rows: the weights are read once whatever the order, so take narrow strips, whose sums y stay near, and full
  // depth.
  const int64_t strip = g.rows <= kMaxRows ? panels_for(1) * kPanelWidth : kColumns;
  // Rows in equal groups: 1370 rows are 98 groups of 14, not 97 and a rest of 12.
  const int64_t groups = (g.rows + kMaxRows - 1) / kMaxRows;
  for (int64_t first = g.first; first < g.last; first += strip) {
    const int64_t columns = (g.last - first < strip ? g.last - first : strip);
    for (int64_t k = 0; k < g.k; k += kDepth) {
      const int64_t depth = g.k - k < kDepth ? g.k - k : kDepth;
      for (int64_t group = 0; group < groups; ++group) {
        const int64_t row = group * g.rows / groups, rows = (group + 1) * g.rows / groups - row;
        copy_block(g.x + row * g.ldx + k, g.ldx, rows, depth, block);
        run_group<T>(rows,
            {block, at<T>(g.panels, first * g.k + k * kPanelWidth), g.k * kPanelWidth, kPanelWidth, depth,
                g.bias ? g.bias + first : nullptr, k > 0, g.y + row * g.ldy + first, g.ldy, 0},
            columns);
      }
    }
  }
}

void gemm(const GemmArgs& g) noexcept {
  switch (g.type) {
    case WeightType::kF32: return gemm_typed<WeightType::kF32>(g);
    case WeightType::kF16: return gemm_typed<WeightType::kF16>(g);
    case WeightType::kBF16: return gemm_typed<WeightType::kBF16>(g);
  }
}

}  // namespace
