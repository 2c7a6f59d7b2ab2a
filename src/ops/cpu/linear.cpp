// Calls that multiply by weights or by another activation.
#include <cstring>

#include "ops/cpu/cpu_ops_impl.h"
#include "ops/cpu/kv_cache.h"

namespace hilum {
namespace {

Shape with_last(const Shape& shape, int64_t last) {
  std::vector<int64_t> dims = shape.dims();
  dims.back() = last;
  return Shape(std::move(dims));
}

}  // namespace

// Tasks are blocks of rows by strips of outputs. A strip's weights (256 deep) and its part of y stay in the
// second-level cache together; with few rows only the strips are shared out, each weight being read once.
void CpuOps::gemm(const float* x, int64_t rows, const void* panels, WeightType type, int64_t n, int64_t k,
    const float* bias, float* y) {
  if (rows == 0 || n == 0) return;
  constexpr int64_t kFewRows = 16, kRows = 224, kStrip = 384, kNarrow = 8 * kPanelWidth;
  const bool few = rows <= kFewRows;
  const int64_t row_blocks = few ? 1 : (rows + kRows - 1) / kRows;
  const int64_t wanted = few ? std::max<int64_t>(kNarrow, n / (int64_t{threads_} * 8)) : kStrip;
  const int64_t count = std::max<int64_t>(1, (n + wanted - 1) / wanted);
  const int64_t unit = few ? kNarrow : 2 * kPanelWidth;
  const int64_t strip = ((n + count - 1) / count + unit - 1) / unit * unit;
  const int64_t strips = (n + strip - 1) / strip;
  const int threads = rows * n * k < 32768 ? 1 : threads_;
  parallel_tasks(threads, row_blocks * strips, [&](int64_t task) {
    const int64_t block = task % row_blocks, first = task / row_blocks * strip;
    const int64_t row = block * rows / row_blocks, end = (block + 1) * rows / row_blocks;
    table_.gemm({.x = x + row * k,
        .ldx = k,
        .rows = end - row,
        .k = k,
        .panels = panels,
        .type = type,
        .first = first,
        .last = std::min(n, first + strip),
        .bias = bias,
        .y = y + row * n,
        .ldy = n});
  });
}

Tensor CpuOps::do_linear(const Tensor& x, const Param& weight, const Param* bias) {
  const PackedWeight& w = weights_.packed(weight);
  Tensor y = make(with_last(x.shape(), w.n));  // [..., out]
  gemm(
      x.f32(), x.shape().rows(), w.panels.get(), w.type, w.n, w.k, bias ? weights_.f32(*bias).f32() : nullptr, y.f32());
  return y;
}

Tensor CpuOps::do_patch_embed(
    const Tensor& image, const Param& weight, const Param* bias, int64_t stride, int64_t padding) {
  const Shape& s = weight.shape();  // [D, C, p, p]
  const int64_t images = image.dim(0), channels = s[1], p = s[2], height = image.dim(2), width = image.dim(3);
  const int64_t down = (height + 2 * padding - p) / stride + 1, across = (width + 2 * padding - p) / stride + 1,
                depth = channels * p * p;
  const auto columns = pool_->floats(static_cast<size_t>(images * down * across * depth));  // [N * patches, C * p * p]
  const float* from = image.f32();
  parallel_pieces(threads_, images * down, across * depth, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i)
      for (int64_t c = 0; c < channels; ++c)
        for (int64_t y = 0; y < p; ++y) {
          const int64_t row = i % down * stride - padding + y;
          const float* line =
              row >= 0 && row < height ? from + (((i / down) * channels + c) * height + row) * width : nullptr;
          float* to = columns.get() + i * across * depth + (c * p + y) * p;
          for (int64_t patch = 0; patch < across; ++patch, to += depth) {
            const int64_t left = patch * stride - padding;
            if (line && left >= 0 && left + p <= width)
              std::memcpy(to, line + left, static_cast<size_t>(p) * sizeof(float));
            else
              for (int64_t j = 0; j < p; ++j) to[j] = line && left + j >= 0 && left + j < width ? line[left + j] : 0.0f;
          }
        }
  });
  const PackedWeight& w = weights_.packed(weight);
  Tensor y = make({images, down * across, s[0]});  // [N, patches, D]
  gemm(columns.get(), images * down * across, w.panels.get(), w.type, w.n, w.k,
      bias ? weights_.f32(*bias).f32() : nullptr, y.f32());
  return y;
}

Tensor CpuOps::do_depthwise_conv3x3(const Tensor& x, const Param& weight, const Param& bias) {
  const int64_t height = x.dim(1), width = x.dim(2), channels = x.dim(3), row = width * channels;
  const float *kernel = weights_.f32(weight).f32(), *shift = weights_.f32(bias).f32(), *from = x.f32();
  const auto taps = pool_->floats(static_cast<size_t>(9 * channels));  // [9, C]: the order the kernel reads
  for (int64_t c = 0; c < channels; ++c)
    for (int64_t i = 0; i < 9; ++i) taps.get()[i * channels + c] = kernel[c * 9 + i];
  Tensor y = make(x.shape());  // [N, h, w, C]
  float* to = y.f32();
  parallel_pieces(threads_, x.dim(0) * height, 4 * row, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      const float* here = from + i * row;
      table_.depthwise({.above = i % height > 0 ? here - row : nullptr,
          .here = here,
          .below = i % height + 1 < height ? here + row : nullptr,
          .taps = taps.get(),
          .bias = shift,
          .y = to + i * row,
          .width = width,
          .channels = channels});
    }
  });
  return y;
}

Tensor CpuOps::do_matmul_nt(const Tensor& a, const Tensor& b) {
  const int64_t m = a.dim(-2), k = a.dim(-1), n = b.dim(-2);
  Tensor y = make(with_last(a.shape(), n));  // [..., m, n]
  const int64_t batches = m * n == 0 ? 0 : y.shape().count() / (m * n);
  const auto panels = pool_->floats(static_cast<size_t>(padded_to_panel(n) * k));
  for (int64_t i = 0; i < batches; ++i) {
    const float* from = b.f32() + i * n * k;
    parallel_pieces(threads_, padded_to_panel(n) / kPanelWidth, kPanelWidth * k, [&](int64_t first, int64_t last) {
      table_.pack(from, WeightType::kF32, k, k, first * kPanelWidth, std::min(n, last * kPanelWidth), panels.get());
    });
    gemm(a.f32() + i * m * k, m, panels.get(), WeightType::kF32, n, k, nullptr, y.f32() + i * m * n);
  }
  return y;
}

Tensor CpuOps::do_embedding(const Param& table, std::span<const int32_t> ids) {
  const int64_t rows = static_cast<int64_t>(ids.size()), d = table.shape()[1];
  const Tensor& data = weights_.stored(table);
  Tensor y = make({rows, d});  // [R, D]
  float* to = y.f32();
  parallel_pieces(threads_, rows, d, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      const int64_t row = ids[static_cast<size_t>(i)] * d;
      if (data.dtype() == DType::kF32)
        std::memcpy(to + i * d, data.f32() + row, static_cast<size_t>(d) * sizeof(float));
      else if (data.dtype() == DType::kF16) table_.f16_to_f32(data.u16() + row, to + i * d, d);
      else table_.bf16_to_f32(data.u16() + row, to + i * d, d);
    }
  });
  return y;
}

}  // namespace hilum
