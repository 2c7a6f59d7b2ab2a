// A backend without data: it checks the shape of every call, counts parameters, floating-point operations and bytes.
// Any model runs on it at full published size in no time; a shape that does not fit is an invariant, as in every
// backend.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_set>

#include "ops/ops.h"

namespace hilum {

struct CheckCounts {
  int64_t flops = 0;  // a multiply and an add are two; matrix products and attention only
  int64_t calls = 0;
  int64_t params = 0;  // elements of the distinct parameters used
  int64_t param_tensors = 0;
  int64_t live_bytes = 0;  // activations alive now, F32
  int64_t peak_bytes = 0;  // most alive at once
};

class CheckOps final : public Ops {
 public:
  CheckOps();
  const CheckCounts& counts() const { return *counts_; }

  std::string_view name() const override { return "check"; }
  Tensor from_host(const Tensor& host) override;
  Tensor to_host(const Tensor& x) override;  // invariant: there is no data
  Tensor parameter(const Param& p) override;
  Tensor linear(const Tensor& x, const Param& weight, const Param* bias) override;
  Tensor embedding(const Param& table, std::span<const int32_t> ids) override;
  Tensor patch_embed(
      const Tensor& image, const Param& weight, const Param* bias, int64_t stride, int64_t padding) override;
  Tensor depthwise_conv3x3(const Tensor& x, const Param& weight, const Param& bias) override;
  Tensor layer_norm(const Tensor& x, const Param& weight, const Param& bias, float eps) override;
  Tensor rms_norm(const Tensor& x, const Param& weight, float eps) override;
  Tensor channel_scale(const Tensor& x, const Param& lambda) override;
  Tensor add(const Tensor& a, const Tensor& b) override;
  Tensor mul(const Tensor& a, const Tensor& b) override;
  Tensor scale(const Tensor& x, float factor) override;
  Tensor gelu(const Tensor& x) override;
  Tensor quick_gelu(const Tensor& x) override;
  Tensor silu(const Tensor& x) override;
  Tensor tanh(const Tensor& x) override;
  Tensor softmax(const Tensor& x) override;
  Tensor l2_normalize(const Tensor& x) override;
  Tensor matmul_nt(const Tensor& a, const Tensor& b) override;
  Tensor reshape(const Tensor& x, Shape shape) override;
  Tensor concat(std::span<const Tensor> parts, int dim) override;
  Tensor slice(const Tensor& x, int dim, int64_t first, int64_t count) override;
  Tensor transpose(const Tensor& x, int dim_a, int dim_b) override;
  Tensor gather_rows(const Tensor& x, std::span<const int32_t> rows) override;
  Tensor scatter_rows(const Tensor& x, std::span<const int32_t> rows, const Tensor& values) override;
  Tensor rope(const Tensor& x, const RaggedBatch& batch, const RopeConfig& config) override;
  Tensor attention(const Tensor& q, const Tensor& k, const Tensor& v, const RaggedBatch& batch,
      const AttentionConfig& config, KvCache* cache) override;
  std::unique_ptr<KvCache> make_kv_cache(const KvCacheConfig& config) override;

 private:
  Tensor made(Shape shape);  // a result of that shape, counted
  Tensor same(const Tensor& x) { return made(x.shape()); }
  Tensor repeated(const Tensor& a, const Tensor& b);  // add's and mul's shape rule
  void use(const Param& p);

  std::shared_ptr<CheckCounts> counts_;
  std::unordered_set<const Param*> used_;
};

}  // namespace hilum
