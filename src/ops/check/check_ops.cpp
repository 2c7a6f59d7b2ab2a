#include "ops/check/check_ops.h"

#include <algorithm>

#include "base/error.h"
#include "ops/check/check_cache.h"

namespace hilum {
namespace {

// Stands for a value; tells the counts when it dies.
class CheckStorage final : public Storage {
 public:
  CheckStorage(int64_t bytes, std::shared_ptr<CheckCounts> counts) : bytes_(bytes), counts_(std::move(counts)) {
    counts_->live_bytes += bytes_;
    counts_->peak_bytes = std::max(counts_->peak_bytes, counts_->live_bytes);
  }
  ~CheckStorage() override { counts_->live_bytes -= bytes_; }

 private:
  int64_t bytes_;
  std::shared_ptr<CheckCounts> counts_;
};

void check_vector(const Param& p, int64_t width) {
  invariant(p.shape() == Shape({width}), "a parameter as wide as the rows");
}

void check_rows(std::span<const int32_t> rows, int64_t count) {
  for (const int32_t row : rows) invariant(row >= 0 && row < count, "row inside the tensor");
}

}  // namespace

CheckOps::CheckOps() : counts_(std::make_shared<CheckCounts>()) {}

Tensor CheckOps::made(Shape shape) {
  ++counts_->calls;
  const int64_t bytes = 4 * shape.count();
  return {std::move(shape), DType::kF32, std::make_shared<CheckStorage>(bytes, counts_)};
}

void CheckOps::use(const Param& p) {
  invariant(p.declared(), "a declared parameter");
  if (!used_.insert(&p).second) return;
  ++counts_->param_tensors;
  counts_->params += p.shape().count();
}

Tensor CheckOps::from_host(const Tensor& host) { return made(host.shape()); }

Tensor CheckOps::to_host(const Tensor&) {
  invariant(false, "ops/check has no data to give");
  return {};
}

Tensor CheckOps::parameter(const Param& p) {
  use(p);
  return made(p.shape());
}

Tensor CheckOps::linear(const Tensor& x, const Param& weight, const Param* bias) {
  invariant(x.shape().rank() >= 1 && weight.shape().rank() == 2, "linear: x [..., in], weight [out, in]");
  invariant(x.dim(-1) == weight.shape()[1], "linear: x is as wide as the weight's rows");
  use(weight);
  if (bias) {
    check_vector(*bias, weight.shape()[0]);
    use(*bias);
  }
  counts_->flops += 2 * x.shape().rows() * weight.shape().count();
  std::vector<int64_t> dims = x.shape().dims();
  dims.back() = weight.shape()[0];
  return made(Shape(std::move(dims)));
}

Tensor CheckOps::embedding(const Param& table, std::span<const int32_t> ids) {
  invariant(table.shape().rank() == 2, "embedding: table [V, D]");
  use(table);
  check_rows(ids, table.shape()[0]);
  return made({static_cast<int64_t>(ids.size()), table.shape()[1]});
}

Tensor CheckOps::patch_embed(
    const Tensor& image, const Param& weight, const Param* bias, int64_t stride, int64_t padding) {
  const Shape &s = image.shape(), &w = weight.shape();
  invariant(s.rank() == 4 && w.rank() == 4 && s[1] == w[1] && w[2] == w[3],
      "patch_embed: image [N, C, h, w], weight [D, C, p, p]");
  invariant(stride > 0 && padding >= 0 && s[2] + 2 * padding >= w[2] && s[3] + 2 * padding >= w[2],
      "patch_embed: an image of one patch at least");
  use(weight);
  if (bias) {
    check_vector(*bias, w[0]);
    use(*bias);
  }
  const int64_t patches = ((s[2] + 2 * padding - w[2]) / stride + 1) * ((s[3] + 2 * padding - w[2]) / stride + 1);
  counts_->flops += 2 * s[0] * patches * w.count();
  return made({s[0], patches, w[0]});
}

Tensor CheckOps::depthwise_conv3x3(const Tensor& x, const Param& weight, const Param& bias) {
  invariant(x.shape().rank() == 4 && weight.shape() == Shape({x.dim(3), 1, 3, 3}),
      "depthwise_conv3x3: x [N, h, w, C], weight [C, 1, 3, 3]");
  check_vector(bias, x.dim(3));
  use(weight), use(bias);
  counts_->flops += 2 * 9 * x.shape().count();
  return same(x);
}

Tensor CheckOps::layer_norm(const Tensor& x, const Param& weight, const Param& bias, float) {
  check_vector(weight, x.dim(-1)), check_vector(bias, x.dim(-1));
  use(weight), use(bias);
  return same(x);
}

Tensor CheckOps::rms_norm(const Tensor& x, const Param& weight, float) {
  check_vector(weight, x.dim(-1));
  use(weight);
  return same(x);
}

Tensor CheckOps::channel_scale(const Tensor& x, const Param& lambda) {
  check_vector(lambda, x.dim(-1));
  use(lambda);
  return same(x);
}

Tensor CheckOps::repeated(const Tensor& a, const Tensor& b) {
  const auto &da = a.shape().dims(), &db = b.shape().dims();
  invariant(
      db.size() <= da.size() && std::equal(db.rbegin(), db.rend(), da.rbegin()), "b has the last dimensions of a");
  return same(a);
}

Tensor CheckOps::add(const Tensor& a, const Tensor& b) { return repeated(a, b); }
Tensor CheckOps::mul(const Tensor& a, const Tensor& b) { return repeated(a, b); }
Tensor CheckOps::scale(const Tensor& x, float) { return same(x); }
Tensor CheckOps::gelu(const Tensor& x) { return same(x); }
Tensor CheckOps::quick_gelu(const Tensor& x) { return same(x); }
Tensor CheckOps::silu(const Tensor& x) { return same(x); }
Tensor CheckOps::tanh(const Tensor& x) { return same(x); }
Tensor CheckOps::softmax(const Tensor& x) { return same(x); }
Tensor CheckOps::l2_normalize(const Tensor& x) { return same(x); }

Tensor CheckOps::matmul_nt(const Tensor& a, const Tensor& b) {
  const int rank = a.shape().rank();
  invariant(rank >= 2 && b.shape().rank() == rank && a.dim(-1) == b.dim(-1), "matmul_nt: a [..., m, k], b [..., n, k]");
  for (int i = 0; i < rank - 2; ++i) invariant(a.dim(i) == b.dim(i), "matmul_nt: the same batch dimensions");
  std::vector<int64_t> dims = a.shape().dims();
  dims.back() = b.dim(-2);
  counts_->flops += 2 * a.shape().count() * b.dim(-2);
  return made(Shape(std::move(dims)));
}

Tensor CheckOps::reshape(const Tensor& x, Shape shape) {
  ++counts_->calls;
  return x.reshaped(std::move(shape));  // shares x's storage: no bytes of its own
}

Tensor CheckOps::concat(std::span<const Tensor> parts, int dim) {
  invariant(!parts.empty() && dim >= 0 && dim < parts[0].shape().rank(), "concat: parts, and a dimension of theirs");
  std::vector<int64_t> dims = parts[0].shape().dims();
  int64_t total = 0;
  for (const Tensor& part : parts) {
    invariant(part.shape().rank() == static_cast<int>(dims.size()), "concat: equal ranks");
    for (int i = 0; i < part.shape().rank(); ++i)
      invariant(i == dim || part.dim(i) == dims[static_cast<size_t>(i)], "concat: equal other dimensions");
    total += part.dim(dim);
  }
  dims[static_cast<size_t>(dim)] = total;
  return made(Shape(std::move(dims)));
}

Tensor CheckOps::slice(const Tensor& x, int dim, int64_t first, int64_t count) {
  invariant(dim >= 0 && dim < x.shape().rank() && first >= 0 && count >= 0 && first + count <= x.dim(dim),
      "slice inside the tensor");
  std::vector<int64_t> dims = x.shape().dims();
  dims[static_cast<size_t>(dim)] = count;
  return made(Shape(std::move(dims)));
}

Tensor CheckOps::transpose(const Tensor& x, int dim_a, int dim_b) {
  const int rank = x.shape().rank();
  invariant(dim_a >= 0 && dim_a < rank && dim_b >= 0 && dim_b < rank, "transpose: dimensions of x");
  std::vector<int64_t> dims = x.shape().dims();
  std::swap(dims[static_cast<size_t>(dim_a)], dims[static_cast<size_t>(dim_b)]);
  return made(Shape(std::move(dims)));
}

Tensor CheckOps::gather_rows(const Tensor& x, std::span<const int32_t> rows) {
  invariant(x.shape().rank() == 2, "gather_rows: x [R, D]");
  check_rows(rows, x.dim(0));
  return made({static_cast<int64_t>(rows.size()), x.dim(1)});
}

Tensor CheckOps::scatter_rows(const Tensor& x, std::span<const int32_t> rows, const Tensor& values) {
  invariant(x.shape().rank() == 2, "scatter_rows: x [R, D]");
  invariant(
      values.shape() == Shape({static_cast<int64_t>(rows.size()), x.dim(1)}), "scatter_rows: a value for each row");
  check_rows(rows, x.dim(0));
  std::vector<int32_t> sorted(rows.begin(), rows.end());
  std::sort(sorted.begin(), sorted.end());
  invariant(std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end(), "scatter_rows: distinct rows");
  return same(x);
}

Tensor CheckOps::rope(const Tensor& x, const RaggedBatch& batch, const RopeConfig& config) {
  invariant(x.shape().rank() == 2 && x.dim(0) == batch.rows(), "rope: x [R, heads*d], a position for each row");
  invariant(config.head_dim > 0 && config.head_dim % 2 == 0 && x.dim(1) % config.head_dim == 0,
      "rope: whole heads of even width");
  return same(x);
}

Tensor CheckOps::attention(const Tensor& q, const Tensor& k, const Tensor& v, const RaggedBatch& batch,
    const AttentionConfig& config, KvCache* cache) {
  const int64_t rows = batch.rows();
  invariant(q.shape().rank() == 2 && k.shape().rank() == 2 && k.shape() == v.shape(),
      "attention: q [R, H*d], k and v [R, K*d]");
  invariant(q.dim(0) == rows && k.dim(0) == rows, "attention: a slot and position for each row");
  invariant(config.num_kv_heads > 0 && config.num_heads % config.num_kv_heads == 0, "attention: K divides H");
  invariant(q.dim(1) % config.num_heads == 0, "attention: whole query heads");
  const int64_t head_dim = q.dim(1) / config.num_heads;
  invariant(k.dim(1) == head_dim * config.num_kv_heads, "attention: key heads as wide as query heads");
  counts_->flops += 4 * count_visible(batch, config, head_dim, cache) * config.num_heads * head_dim;  // q·k and p·v
  return same(q);
}

std::unique_ptr<KvCache> CheckOps::make_kv_cache(const KvCacheConfig& config) {
  return std::make_unique<CheckCache>(config);
}

}  // namespace hilum
