#include "ops/check/check_ops.h"

#include <algorithm>

#include "base/error.h"

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

// (query row, key row) pairs that are seen.
int64_t count_visible(const BatchPlan& plan, const AttentionConfig& config) {
  int64_t visible = 0;
  for (const BatchRun& run : plan.runs()) {
    if (!config.causal) visible += run.count * run.keys;
    else
      for (int64_t row = 1; row <= run.count; ++row) {
        const int64_t seen = run.first_key() + row;
        visible += config.window > 0 ? std::min(seen, config.window) : seen;
      }
  }
  return visible;
}

// Lengths and sizes, no keys and values.
class CheckCache final : public KvCache {
 public:
  explicit CheckCache(const KvCacheConfig& config) : KvCache(config) {}
  size_t bytes() const override {  // of an F32 cache
    const KvCacheConfig& c = config();
    return static_cast<size_t>(2 * 4 * c.layers * c.slots * c.capacity * c.kv_heads * c.head_dim);
  }

 private:
  void do_copy(int32_t, int32_t, int64_t) override {}
};

}  // namespace

CheckOps::CheckOps() : counts_(std::make_shared<CheckCounts>()) {}

Tensor CheckOps::made(Shape shape) {
  ++counts_->calls;
  const int64_t bytes = 4 * shape.count();
  return {std::move(shape), DType::kF32, std::make_shared<CheckStorage>(bytes, counts_)};
}

void CheckOps::use(const Param& p) {
  if (!used_.insert(&p).second) return;
  ++counts_->param_tensors;
  counts_->params += p.shape().count();
}

Tensor CheckOps::do_from_host(const Tensor& host) { return made(host.shape()); }

Tensor CheckOps::do_to_host(const Tensor&) {
  invariant(false, "ops/check has no data to give");
  return {};
}

Tensor CheckOps::do_parameter(const Param& p) {
  use(p);
  return made(p.shape());
}

Tensor CheckOps::do_linear(const Tensor& x, const Param& weight, const Param* bias) {
  use(weight);
  if (bias) use(*bias);
  counts_->flops += 2 * x.shape().rows() * weight.shape().count();
  std::vector<int64_t> dims = x.shape().dims();
  dims.back() = weight.shape()[0];
  return made(Shape(std::move(dims)));
}

Tensor CheckOps::do_embedding(const Param& table, std::span<const int32_t> ids) {
  use(table);
  return made({static_cast<int64_t>(ids.size()), table.shape()[1]});
}

Tensor CheckOps::do_patch_embed(
    const Tensor& image, const Param& weight, const Param* bias, int64_t stride, int64_t padding) {
  const Shape &s = image.shape(), &w = weight.shape();
  use(weight);
  if (bias) use(*bias);
  const int64_t patches = ((s[2] + 2 * padding - w[2]) / stride + 1) * ((s[3] + 2 * padding - w[2]) / stride + 1);
  counts_->flops += 2 * s[0] * patches * w.count();
  return made({s[0], patches, w[0]});
}

Tensor CheckOps::do_depthwise_conv3x3(const Tensor& x, const Param& weight, const Param& bias) {
  use(weight);
  use(bias);
  counts_->flops += 2 * 9 * x.shape().count();
  return same(x);
}

Tensor CheckOps::do_layer_norm(const Tensor& x, const Param& weight, const Param& bias, float) {
  use(weight);
  use(bias);
  return same(x);
}

Tensor CheckOps::do_rms_norm(const Tensor& x, const Param& weight, float) {
  use(weight);
  return same(x);
}

Tensor CheckOps::do_channel_scale(const Tensor& x, const Param& lambda) {
  use(lambda);
  return same(x);
}

Tensor CheckOps::do_add(const Tensor& a, const Tensor&) { return same(a); }
Tensor CheckOps::do_mul(const Tensor& a, const Tensor&) { return same(a); }
Tensor CheckOps::do_scale(const Tensor& x, float) { return same(x); }
Tensor CheckOps::do_gelu(const Tensor& x) { return same(x); }
Tensor CheckOps::do_quick_gelu(const Tensor& x) { return same(x); }
Tensor CheckOps::do_silu(const Tensor& x) { return same(x); }
Tensor CheckOps::do_tanh(const Tensor& x) { return same(x); }
Tensor CheckOps::do_softmax(const Tensor& x) { return same(x); }
Tensor CheckOps::do_l2_normalize(const Tensor& x) { return same(x); }

Tensor CheckOps::do_matmul_nt(const Tensor& a, const Tensor& b) {
  std::vector<int64_t> dims = a.shape().dims();
  dims.back() = b.dim(-2);
  counts_->flops += 2 * a.shape().count() * b.dim(-2);
  return made(Shape(std::move(dims)));
}

Tensor CheckOps::do_reshape(const Tensor& x, Shape shape) {
  ++counts_->calls;
  return x.reshaped(std::move(shape));  // shares x's storage: no bytes of its own
}

Tensor CheckOps::do_concat(std::span<const Tensor> parts, int dim) {
  std::vector<int64_t> dims = parts[0].shape().dims();
  int64_t& total = dims[static_cast<size_t>(dim)] = 0;
  for (const Tensor& part : parts) total += part.dim(dim);
  return made(Shape(std::move(dims)));
}

Tensor CheckOps::do_slice(const Tensor& x, int dim, int64_t, int64_t count) {
  std::vector<int64_t> dims = x.shape().dims();
  dims[static_cast<size_t>(dim)] = count;
  return made(Shape(std::move(dims)));
}

Tensor CheckOps::do_transpose(const Tensor& x, int dim_a, int dim_b) {
  std::vector<int64_t> dims = x.shape().dims();
  std::swap(dims[static_cast<size_t>(dim_a)], dims[static_cast<size_t>(dim_b)]);
  return made(Shape(std::move(dims)));
}

Tensor CheckOps::do_gather_rows(const Tensor& x, std::span<const int32_t> rows) {
  return made({static_cast<int64_t>(rows.size()), x.dim(1)});
}

Tensor CheckOps::do_scatter_rows(const Tensor& x, std::span<const int32_t>, const Tensor&) { return same(x); }

Tensor CheckOps::do_rope(const Tensor& x, const BatchPlan&, const RopeConfig&) { return same(x); }

Tensor CheckOps::do_attention(
    const Tensor& q, const Tensor&, const Tensor&, const BatchPlan& plan, const AttentionConfig& config) {
  counts_->flops += 4 * count_visible(plan, config) * q.dim(1);  // q·k and p·v
  return same(q);
}

std::unique_ptr<KvCache> CheckOps::do_make_kv_cache(const KvCacheConfig& config) {
  return std::make_unique<CheckCache>(config);
}

}  // namespace hilum
