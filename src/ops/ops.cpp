// The public form of each call: what its arguments must be. Nothing here allocates while all is well.
#include "ops/ops.h"

#include <algorithm>
#include <initializer_list>

#include "base/error.h"

namespace hilum {
namespace {

bool has_dims(const Shape& shape, std::initializer_list<int64_t> dims) {
  return std::equal(shape.dims().begin(), shape.dims().end(), dims.begin(), dims.end());
}
bool has_dims(const Param& p, std::initializer_list<int64_t> dims) { return p.declared() && has_dims(p.shape(), dims); }

// Whether the dimensions of `b` are the last ones of `a`.
bool repeats(const Shape& a, const Shape& b) {
  return b.rank() <= a.rank() && std::equal(b.dims().rbegin(), b.dims().rend(), a.dims().rbegin());
}

bool all_inside(std::span<const int32_t> rows, int64_t count) {
  return std::all_of(rows.begin(), rows.end(), [&](int32_t row) { return row >= 0 && row < count; });
}

// Rising rows, the usual ones, are told without a copy.
bool all_differ(std::span<const int32_t> rows) {
  if (std::adjacent_find(rows.begin(), rows.end(), std::greater_equal<>()) == rows.end()) return true;
  std::vector<int32_t> sorted(rows.begin(), rows.end());
  std::sort(sorted.begin(), sorted.end());
  return std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end();
}

int from_front(const Shape& shape, int dim, const char* what) {
  const int front = dim < 0 ? dim + shape.rank() : dim;
  invariant(front >= 0 && front < shape.rank(), what);
  return front;
}

}  // namespace

Tensor Ops::from_host(const Tensor& host) {
  invariant(host.dtype() == DType::kF32, "from_host: an F32 tensor");
  return do_from_host(host);
}

Tensor Ops::to_host(const Tensor& x) { return do_to_host(x); }

Tensor Ops::parameter(const Param& p) {
  invariant(p.declared(), "parameter: a declared one");
  return do_parameter(p);
}

Tensor Ops::linear(const Tensor& x, const Param& weight, const Param* bias) {
  const Shape& w = weight.shape();
  invariant(weight.declared() && w.rank() == 2 && x.shape().rank() >= 1 && x.dim(-1) == w[1],
      "linear: x [..., in], weight [out, in]");
  invariant(!bias || has_dims(*bias, {w[0]}), "linear: bias [out]");
  return do_linear(x, weight, bias);
}

Tensor Ops::embedding(const Param& table, std::span<const int32_t> ids) {
  invariant(table.declared() && table.shape().rank() == 2, "embedding: table [V, D]");
  invariant(all_inside(ids, table.shape()[0]), "embedding: ids inside the table");
  return do_embedding(table, ids);
}

Tensor Ops::patch_embed(const Tensor& image, const Param& weight, const Param* bias, int64_t stride, int64_t padding) {
  const Shape &s = image.shape(), &w = weight.shape();
  invariant(weight.declared() && s.rank() == 4 && w.rank() == 4 && s[1] == w[1] && w[2] == w[3],
      "patch_embed: image [N, C, h, w], weight [D, C, p, p]");
  invariant(!bias || has_dims(*bias, {w[0]}), "patch_embed: bias [D]");
  invariant(stride > 0 && padding >= 0 && s[2] + 2 * padding >= w[2] && s[3] + 2 * padding >= w[2],
      "patch_embed: an image of one patch at least");
  return do_patch_embed(image, weight, bias, stride, padding);
}

Tensor Ops::depthwise_conv3x3(const Tensor& x, const Param& weight, const Param& bias) {
  invariant(x.shape().rank() == 4 && has_dims(weight, {x.dim(3), 1, 3, 3}) && has_dims(bias, {x.dim(3)}),
      "depthwise_conv3x3: x [N, h, w, C], weight [C, 1, 3, 3], bias [C]");
  return do_depthwise_conv3x3(x, weight, bias);
}

Tensor Ops::layer_norm(const Tensor& x, const Param& weight, const Param& bias, float eps) {
  invariant(x.shape().rank() >= 1 && has_dims(weight, {x.dim(-1)}) && has_dims(bias, {x.dim(-1)}),
      "layer_norm: x [..., D], weight and bias [D]");
  return do_layer_norm(x, weight, bias, eps);
}

Tensor Ops::rms_norm(const Tensor& x, const Param& weight, float eps) {
  invariant(x.shape().rank() >= 1 && has_dims(weight, {x.dim(-1)}), "rms_norm: x [..., D], weight [D]");
  return do_rms_norm(x, weight, eps);
}

Tensor Ops::channel_scale(const Tensor& x, const Param& lambda) {
  invariant(x.shape().rank() >= 1 && has_dims(lambda, {x.dim(-1)}), "channel_scale: x [..., D], lambda [D]");
  return do_channel_scale(x, lambda);
}

Tensor Ops::add(const Tensor& a, const Tensor& b) {
  invariant(repeats(a.shape(), b.shape()), "add: equal shapes, or b of the last dimensions of a");
  return do_add(a, b);
}

Tensor Ops::mul(const Tensor& a, const Tensor& b) {
  invariant(repeats(a.shape(), b.shape()), "mul: equal shapes, or b of the last dimensions of a");
  return do_mul(a, b);
}

Tensor Ops::scale(const Tensor& x, float factor) { return do_scale(x, factor); }
Tensor Ops::gelu(const Tensor& x) { return do_gelu(x); }
Tensor Ops::quick_gelu(const Tensor& x) { return do_quick_gelu(x); }
Tensor Ops::silu(const Tensor& x) { return do_silu(x); }
Tensor Ops::tanh(const Tensor& x) { return do_tanh(x); }

Tensor Ops::softmax(const Tensor& x) {
  invariant(x.shape().rank() >= 1, "softmax: x [..., D]");
  return do_softmax(x);
}

Tensor Ops::l2_normalize(const Tensor& x) {
  invariant(x.shape().rank() >= 1, "l2_normalize: x [..., D]");
  return do_l2_normalize(x);
}

Tensor Ops::matmul_nt(const Tensor& a, const Tensor& b) {
  const int rank = a.shape().rank();
  invariant(rank >= 2 && b.shape().rank() == rank && a.dim(-1) == b.dim(-1), "matmul_nt: a [..., m, k], b [..., n, k]");
  for (int i = 0; i < rank - 2; ++i) invariant(a.dim(i) == b.dim(i), "matmul_nt: equal outer dimensions");
  return do_matmul_nt(a, b);
}

Tensor Ops::reshape(const Tensor& x, Shape shape) {
  invariant(std::all_of(shape.dims().begin(), shape.dims().end(), [](int64_t dim) { return dim >= 0; }) &&
                shape.count() == x.shape().count(),
      "reshape: as many elements as before");
  return do_reshape(x, std::move(shape));
}

Tensor Ops::concat(std::span<const Tensor> parts, int dim) {
  invariant(!parts.empty(), "concat: at least one part");
  const Shape& shape = parts[0].shape();
  const int along = from_front(shape, dim, "concat: a dimension of the parts");
  for (const Tensor& part : parts) {
    invariant(part.shape().rank() == shape.rank(), "concat: equal ranks");
    for (int i = 0; i < shape.rank(); ++i)
      invariant(i == along || part.dim(i) == shape[i], "concat: equal other dimensions");
  }
  return do_concat(parts, along);
}

Tensor Ops::slice(const Tensor& x, int dim, int64_t first, int64_t count) {
  const int along = from_front(x.shape(), dim, "slice: a dimension of x");
  invariant(first >= 0 && count >= 0 && first + count <= x.dim(along), "slice: inside the tensor");
  return do_slice(x, along, first, count);
}

Tensor Ops::transpose(const Tensor& x, int dim_a, int dim_b) {
  const int a = from_front(x.shape(), dim_a, "transpose: dimensions of x"),
            b = from_front(x.shape(), dim_b, "transpose: dimensions of x");
  return do_transpose(x, a, b);
}

Tensor Ops::gather_rows(const Tensor& x, std::span<const int32_t> rows) {
  invariant(x.shape().rank() == 2, "gather_rows: x [R, D]");
  invariant(all_inside(rows, x.dim(0)), "gather_rows: rows of x");
  return do_gather_rows(x, rows);
}

Tensor Ops::scatter_rows(const Tensor& x, std::span<const int32_t> rows, const Tensor& values) {
  invariant(x.shape().rank() == 2 && has_dims(values.shape(), {static_cast<int64_t>(rows.size()), x.dim(1)}),
      "scatter_rows: x [R, D], values [r, D]");
  invariant(all_inside(rows, x.dim(0)), "scatter_rows: rows of x");
  invariant(all_differ(rows), "scatter_rows: distinct rows");
  return do_scatter_rows(x, rows, values);
}

std::unique_ptr<BatchPlan> Ops::plan(const RaggedBatch& batch, KvCache* cache) {
  return do_plan(BatchLayout::of(batch, cache));
}

Tensor Ops::rope(const Tensor& x, const BatchPlan& plan, const RopeConfig& config) {
  const int64_t d = config.head_dim;
  invariant(d > 0 && d % 2 == 0, "rope: an even head width");
  invariant(x.shape().rank() == 2 && x.dim(0) == plan.rows() && x.dim(1) % d == 0, "rope: x [R, heads*d]");
  for (const std::vector<float>* factors : {&config.short_factors, &config.long_factors})
    invariant(factors->empty() || static_cast<int64_t>(factors->size()) == d / 2, "rope: a factor for each pair");
  return do_rope(x, plan, config);
}

Tensor Ops::attention(
    const Tensor& q, const Tensor& k, const Tensor& v, const BatchPlan& plan, const AttentionConfig& config) {
  const int64_t rows = plan.rows(), heads = config.num_heads, kv_heads = config.num_kv_heads;
  invariant(heads > 0 && kv_heads > 0 && heads % kv_heads == 0, "attention: K divides H");
  invariant(q.shape().rank() == 2 && q.dim(0) == rows && q.dim(1) % heads == 0, "attention: q [R, H*d]");
  const int64_t d = q.dim(1) / heads;
  invariant(d > 0 && d <= kWidestHead, "attention: heads of 1 to 256 values");
  invariant(has_dims(k.shape(), {rows, kv_heads * d}) && k.shape() == v.shape(), "attention: k, v [R, K*d]");
  invariant(config.window == 0 || (config.causal && config.window > 0), "attention: a window is of causal rows");
  invariant(config.scale >= 0, "attention: a scale above 0, or 0 for the usual one");
  invariant(plan.gapless(), "attention: positions of a slot rise by one");
  KvCache* cache = plan.cache();
  if (!cache) return do_attention(q, k, v, plan, config);

  const KvCacheConfig& held = cache->config();
  invariant(held.kv_heads == kv_heads && held.head_dim == d, "attention: a cache of the same heads");
  invariant(config.layer >= 0 && config.layer < held.layers, "attention: a layer of the cache");
  for (const BatchRun& run : plan.runs())
    invariant(run.position <= cache->length(run.slot, config.layer), "attention: positions follow those held");
  Tensor y = do_attention(q, k, v, plan, config);
  for (const BatchRun& run : plan.runs()) cache->lengths_[cache->index(run.slot, config.layer)] = run.keys;
  return y;
}

std::unique_ptr<KvCache> Ops::make_kv_cache(const KvCacheConfig& config) {
  invariant(config.layers > 0 && config.kv_heads > 0 && config.slots > 0 && config.capacity > 0,
      "make_kv_cache: layers, heads, slots and room");
  invariant(config.head_dim > 0 && config.head_dim <= kWidestHead, "make_kv_cache: heads of 1 to 256 values");
  return do_make_kv_cache(config);
}

Tensor Ops::gated_silu(const Tensor& gate, const Tensor& up) {
  invariant(gate.shape() == up.shape(), "gated_silu: equal shapes");
  return do_gated_silu(gate, up);
}

Tensor Ops::tag(const Tensor& x, std::string_view what, int layer) { return do_tag(x, what, layer); }

}  // namespace hilum
