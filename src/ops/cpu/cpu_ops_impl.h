// The class behind make_cpu_ops; its calls are spread over linear.cpp, elementwise.cpp, move.cpp and attention.cpp.
#pragma once

#include <string>
#include <vector>

#include "ops/cpu/buffer_pool.h"
#include "ops/cpu/cpu_ops.h"
#include "ops/cpu/cpu_plan.h"
#include "ops/cpu/thread_team.h"
#include "ops/cpu/weights.h"

namespace hilum {

class CpuOps final : public Ops {
 public:
  explicit CpuOps(const CpuOpsConfig& config);

  std::string_view name() const override { return name_; }

 protected:
  Tensor do_from_host(const Tensor& host) override;
  Tensor do_to_host(const Tensor& x) override;
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
  Tensor do_gelu(const Tensor& x) override { return map(x, table_.gelu); }
  Tensor do_quick_gelu(const Tensor& x) override { return map(x, table_.quick_gelu); }
  Tensor do_silu(const Tensor& x) override { return map(x, table_.silu); }
  Tensor do_tanh(const Tensor& x) override { return map(x, table_.tanh); }
  Tensor do_softmax(const Tensor& x) override;
  Tensor do_l2_normalize(const Tensor& x) override;
  Tensor do_matmul_nt(const Tensor& a, const Tensor& b) override;

  Tensor do_reshape(const Tensor& x, Shape shape) override { return x.reshaped(std::move(shape)); }
  Tensor do_concat(std::span<const Tensor> parts, int dim) override;
  Tensor do_slice(const Tensor& x, int dim, int64_t first, int64_t count) override;
  Tensor do_transpose(const Tensor& x, int dim_a, int dim_b) override;
  Tensor do_gather_rows(const Tensor& x, std::span<const int32_t> rows) override;
  Tensor do_scatter_rows(const Tensor& x, std::span<const int32_t> rows, const Tensor& values) override;

  std::unique_ptr<BatchPlan> do_plan(BatchLayout layout) override;
  Tensor do_rope(const Tensor& x, const BatchPlan& plan, const RopeConfig& config) override;
  Tensor do_attention(
      const Tensor& q, const Tensor& k, const Tensor& v, const BatchPlan& plan, const AttentionConfig& config) override;
  std::unique_ptr<KvCache> do_make_kv_cache(const KvCacheConfig& config) override;

  Tensor do_gated_silu(const Tensor& gate, const Tensor& up) override;

 private:
  Tensor make(const Shape& shape) { return pool_->tensor(shape); }
  Tensor map(const Tensor& x, void (*kernel)(const float*, float*, int64_t) noexcept);
  Tensor zip(const Tensor& a, const Tensor& b, void (*kernel)(const float*, const float*, float*, int64_t) noexcept);
  // y [rows, n] = x [rows, k] · panelsᵀ + bias
  void gemm(const float* x, int64_t rows, const void* panels, WeightType type, int64_t n, int64_t k, const float* bias,
      float* y);

  // A table of at least so many positions; it grows as needed.
  std::shared_ptr<const RopeTable> rope_table(const RopeConfig& config, bool is_long, int64_t positions);
  const RopeRows& rope_rows(const CpuPlan& plan, const RopeConfig& config);  // of the plan, made when first asked for

  const KernelTable& table_;
  int threads_;
  std::string name_;
  std::shared_ptr<BufferPool> pool_;
  Weights weights_;
  std::vector<std::shared_ptr<const RopeTable>> rope_tables_;  // by config and length
};

}  // namespace hilum
