// Elementwise calls and those on the last dimension.
#include <cmath>

#include "ops/cpu/cpu_ops_impl.h"

namespace hilum {
namespace {

// f(row) for each vector of the last dimension.
template <typename F>
void each_row(int threads, const Shape& shape, F f) {
  parallel_pieces(threads, shape.rows(), shape[-1], [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) f(i);
  });
}

}  // namespace

Tensor CpuOps::map(const Tensor& x, void (*kernel)(const float*, float*, int64_t) noexcept) {
  Tensor y = make(x.shape());
  const float* from = x.f32();
  float* to = y.f32();
  parallel_pieces(threads_, x.shape().count(), 1,
      [&](int64_t first, int64_t last) { kernel(from + first, to + first, last - first); });
  return y;
}

Tensor CpuOps::zip(
    const Tensor& a, const Tensor& b, void (*kernel)(const float*, const float*, float*, int64_t) noexcept) {
  Tensor y = make(a.shape());
  const float *pa = a.f32(), *pb = b.f32();
  float* to = y.f32();
  const int64_t n = a.shape().count(), period = b.shape().count();
  parallel_pieces(threads_, n, 1, [&](int64_t first, int64_t last) {
    while (first < last) {
      const int64_t at = first % period, run = std::min(last - first, period - at);
      kernel(pa + first, pb + at, to + first, run);
      first += run;
    }
  });
  return y;
}

Tensor CpuOps::do_add(const Tensor& a, const Tensor& b) { return zip(a, b, table_.add); }
Tensor CpuOps::do_mul(const Tensor& a, const Tensor& b) { return zip(a, b, table_.mul); }
Tensor CpuOps::do_channel_scale(const Tensor& x, const Param& lambda) {
  return zip(x, weights_.f32(lambda), table_.mul);
}

Tensor CpuOps::do_gated_silu(const Tensor& gate, const Tensor& up) { return zip(gate, up, table_.gated_silu); }

Tensor CpuOps::do_scale(const Tensor& x, float factor) {
  Tensor y = make(x.shape());
  const float* from = x.f32();
  float* to = y.f32();
  parallel_pieces(threads_, x.shape().count(), 1,
      [&](int64_t first, int64_t last) { table_.scale(from + first, factor, to + first, last - first); });
  return y;
}

Tensor CpuOps::do_layer_norm(const Tensor& x, const Param& weight, const Param& bias, float eps) {
  const int64_t d = x.dim(-1);
  const Tensor w = weights_.f32(weight), b = weights_.f32(bias);
  Tensor y = make(x.shape());
  const float *from = x.f32(), *pw = w.f32(), *pb = b.f32();
  float* to = y.f32();
  each_row(threads_, x.shape(), [&](int64_t i) { table_.layer_norm(from + i * d, pw, pb, to + i * d, d, eps); });
  return y;
}

Tensor CpuOps::do_rms_norm(const Tensor& x, const Param& weight, float eps) {
  const int64_t d = x.dim(-1);
  const Tensor w = weights_.f32(weight);
  Tensor y = make(x.shape());
  const float *from = x.f32(), *pw = w.f32();
  float* to = y.f32();
  each_row(threads_, x.shape(), [&](int64_t i) { table_.rms_norm(from + i * d, pw, to + i * d, d, eps); });
  return y;
}

Tensor CpuOps::do_softmax(const Tensor& x) {
  const int64_t d = x.dim(-1);
  Tensor y = make(x.shape());
  const float* from = x.f32();
  float* to = y.f32();
  each_row(threads_, x.shape(), [&](int64_t i) { table_.softmax(from + i * d, to + i * d, d); });
  return y;
}

Tensor CpuOps::do_l2_normalize(const Tensor& x) {
  const int64_t d = x.dim(-1);
  Tensor y = make(x.shape());
  const float* from = x.f32();
  float* to = y.f32();
  each_row(threads_, x.shape(), [&](int64_t i) {
    const float norm = std::sqrt(table_.dot(from + i * d, from + i * d, d));
    table_.scale(from + i * d, 1.0f / std::max(norm, 1e-12f), to + i * d, d);
  });
  return y;
}

}  // namespace hilum
