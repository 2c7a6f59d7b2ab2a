// Calls that move values without changing them.
#include <algorithm>
#include <cstring>

#include "ops/cpu/cpu_ops_impl.h"

namespace hilum {
namespace {

int64_t product(const Shape& shape, int first, int last) {
  int64_t n = 1;
  for (int i = first; i < last; ++i) n *= shape[i];
  return n;
}
void copy(float* to, const float* from, int64_t n) { std::memcpy(to, from, static_cast<size_t>(n) * sizeof(float)); }

}  // namespace

Tensor CpuOps::do_concat(std::span<const Tensor> parts, int d) {
  std::vector<int64_t> dims = parts[0].shape().dims();
  dims[static_cast<size_t>(d)] = 0;
  for (const Tensor& part : parts) dims[static_cast<size_t>(d)] += part.dim(d);
  Tensor y = make(Shape(dims));
  const int64_t outer = product(y.shape(), 0, d), whole = product(y.shape(), d, y.shape().rank());
  int64_t at = 0;
  for (const Tensor& part : parts) {
    const int64_t run = product(part.shape(), d, part.shape().rank());
    const float* from = part.f32();
    float* to = y.f32() + at;
    parallel_pieces(threads_, outer, run, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; ++i) copy(to + i * whole, from + i * run, run);
    });
    at += run;
  }
  return y;
}

Tensor CpuOps::do_slice(const Tensor& x, int d, int64_t first, int64_t count) {
  if (d == 0) return x.rows(first, count);  // shares the storage: nothing changes a tensor once made
  std::vector<int64_t> dims = x.shape().dims();
  dims[static_cast<size_t>(d)] = count;
  Tensor y = make(Shape(dims));
  const int64_t outer = product(x.shape(), 0, d), inner = product(x.shape(), d + 1, x.shape().rank());
  const int64_t whole = x.dim(d) * inner, run = count * inner;
  const float* from = x.f32() + first * inner;
  float* to = y.f32();
  parallel_pieces(threads_, outer, run, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) copy(to + i * run, from + i * whole, run);
  });
  return y;
}

Tensor CpuOps::do_transpose(const Tensor& x, int a, int b) {
  if (a == b) return x;
  if (a > b) std::swap(a, b);
  std::vector<int64_t> dims = x.shape().dims();
  std::swap(dims[static_cast<size_t>(a)], dims[static_cast<size_t>(b)]);
  Tensor y = make(Shape(dims));
  // x as [outer, na, middle, nb, inner], y as [outer, nb, middle, na, inner]
  const int64_t outer = product(x.shape(), 0, a), na = x.dim(a), middle = product(x.shape(), a + 1, b), nb = x.dim(b),
                inner = product(x.shape(), b + 1, x.shape().rank());
  const float* from = x.f32();
  float* to = y.f32();
  if (inner == 1 && middle == 1) {  // matrices, in squares of 16: whole cache lines on both sides
    const int64_t bands = (nb + 15) / 16;
    parallel_pieces(threads_, outer * bands, 16 * na, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; ++i) {
        const int64_t begin = i % bands * 16, end = std::min(nb, begin + 16);
        const float* source = from + i / bands * na * nb;
        float* target = to + i / bands * na * nb;
        for (int64_t ia = 0; ia < na; ia += 16)
          for (int64_t ib = begin; ib < end; ++ib)
            for (int64_t j = ia; j < std::min(na, ia + 16); ++j) target[ib * na + j] = source[j * nb + ib];
      }
    });
    return y;
  }
  parallel_pieces(threads_, outer * nb * middle, na * inner, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      const int64_t m = i % middle, ib = i / middle % nb, o = i / middle / nb;
      for (int64_t ia = 0; ia < na; ++ia) {
        const float* source = from + (((o * na + ia) * middle + m) * nb + ib) * inner;
        float* target = to + (i * na + ia) * inner;
        if (inner == 1) *target = *source;
        else copy(target, source, inner);
      }
    }
  });
  return y;
}

Tensor CpuOps::do_gather_rows(const Tensor& x, std::span<const int32_t> rows) {
  const int64_t d = x.dim(1);
  Tensor y = make({static_cast<int64_t>(rows.size()), d});  // [r, D]
  const float* from = x.f32();
  float* to = y.f32();
  parallel_pieces(threads_, y.dim(0), d, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) copy(to + i * d, from + rows[static_cast<size_t>(i)] * d, d);
  });
  return y;
}

Tensor CpuOps::do_scatter_rows(const Tensor& x, std::span<const int32_t> rows, const Tensor& values) {
  const int64_t d = x.dim(1);
  Tensor y = make(x.shape());  // [R, D]
  copy(y.f32(), x.f32(), x.shape().count());
  for (size_t i = 0; i < rows.size(); ++i) copy(y.f32() + rows[i] * d, values.f32() + static_cast<int64_t>(i) * d, d);
  return y;
}

}  // namespace hilum
