// A backend without data: it counts parameters, floating-point operations and bytes. Any model runs on it at full
// published size in no time, and what every backend's calls refuse (ops.h) is found without weights.
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

 protected:
  Tensor do_from_host(const Tensor& host) override;
  Tensor do_to_host(const Tensor& x) override;  // invariant: there is no data
  Tensor do_parameter(const Param& p) override;
  Tensor do_linear(const Tensor& x, const Param& weight, const Param* bias) override;
  Tensor do_embedding(const Param& table, std::span<const int32_t> ids) override;
  Tensor do_patch_embed(
      const Tensor& image, const Param& weight, const Param* bias, int64_t stride, int64_t padding) override;
  Tensor do_depthwise_conv3x3(const Tensor& x, const Param& weight, const Param& bias) override;
  Tensor do_layer_norm(const Tensor& x, const Param& weight, const Param& bias, float eps) override;
  Tensor do_rms_norm(const Tensor& x, const Param& weight, float eps) override;
  Tensor do_channel_scale(const Tensor& x, const Param& lambda) override;
  Tensor do_add(const Tensor& a, const Tensor& b) override;
  Tensor do_mul(const Tensor& a, const Tensor& b) override;
  Tensor do_scale(const Tensor& x, float factor) override;
  Tensor do_gelu(const Tensor& x) override;
  Tensor do_quick_gelu(const Tensor& x) override;
  Tensor do_silu(const Tensor& x) override;
  Tensor do_tanh(const Tensor& x) override;
  Tensor do_softmax(const Tensor& x) override;
  Tensor do_l2_normalize(const Tensor& x) override;
  Tensor do_matmul_nt(const Tensor& a, const Tensor& b) override;
  Tensor do_reshape(const Tensor& x, Shape shape) override;
  Tensor do_concat(std::span<const Tensor> parts, int dim) override;
  Tensor do_slice(const Tensor& x, int dim, int64_t first, int64_t count) override;
  Tensor do_transpose(const Tensor& x, int dim_a, int dim_b) override;
  Tensor do_gather_rows(const Tensor& x, std::span<const int32_t> rows) override;
  Tensor do_scatter_rows(const Tensor& x, std::span<const int32_t> rows, const Tensor& values) override;
  Tensor do_rope(const Tensor& x, const BatchPlan& plan, const RopeConfig& config) override;
  Tensor do_attention(
      const Tensor& q, const Tensor& k, const Tensor& v, const BatchPlan& plan, const AttentionConfig& config) override;
  std::unique_ptr<KvCache> do_make_kv_cache(const KvCacheConfig& config) override;

 private:
  Tensor made(Shape shape);  // a result of that shape, counted
  Tensor same(const Tensor& x) { return made(x.shape()); }
  void use(const Param& p);

  std::shared_ptr<CheckCounts> counts_;
  std::unordered_set<const Param*> used_;
};

}  // namespace hilum
