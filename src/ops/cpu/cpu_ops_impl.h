// The class behind make_cpu_ops; its calls are spread over linear.cpp, elementwise.cpp, move.cpp and attention.cpp.
#pragma once

#include <string>
#include <vector>

#include "ops/cpu/buffer_pool.h"
#include "ops/cpu/cpu_ops.h"
#include "ops/cpu/thread_team.h"
#include "ops/cpu/weights.h"

namespace hilum {

class CpuOps final : public Ops {
 public:
  explicit CpuOps(const CpuOpsConfig& config);

  std::string_view name() const override { return name_; }
  Tensor from_host(const Tensor& host) override;
  Tensor to_host(const Tensor& x) override;
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
  Tensor gelu(const Tensor& x) override { return map(x, table_.gelu); }
  Tensor quick_gelu(const Tensor& x) override { return map(x, table_.quick_gelu); }
  Tensor silu(const Tensor& x) override { return map(x, table_.silu); }
  Tensor tanh(const Tensor& x) override { return map(x, table_.tanh); }
  Tensor softmax(const Tensor& x) override;
  Tensor l2_normalize(const Tensor& x) override;
  Tensor matmul_nt(const Tensor& a, const Tensor& b) override;

  Tensor reshape(const Tensor& x, Shape shape) override { return x.reshaped(std::move(shape)); }
  Tensor concat(std::span<const Tensor> parts, int dim) override;
  Tensor slice(const Tensor& x, int dim, int64_t first, int64_t count) override;
  Tensor transpose(const Tensor& x, int dim_a, int dim_b) override;
  Tensor gather_rows(const Tensor& x, std::span<const int32_t> rows) override;
  Tensor scatter_rows(const Tensor& x, std::span<const int32_t> rows, const Tensor& values) override;

  Tensor rope(const Tensor& x, const RaggedBatch& batch, const RopeConfig& config) override;
  Tensor attention(const Tensor& q, const Tensor& k, const Tensor& v, const RaggedBatch& batch,
      const AttentionConfig& config, KvCache* cache) override;
  std::unique_ptr<KvCache> make_kv_cache(const KvCacheConfig& config) override;

  Tensor gated_silu(const Tensor& gate, const Tensor& up) override;

 private:
  Tensor make(const Shape& shape) { return pool_->tensor(shape); }
  Tensor map(const Tensor& x, void (*kernel)(const float*, float*, int64_t) noexcept);
  Tensor zip(const Tensor& a, const Tensor& b, void (*kernel)(const float*, const float*, float*, int64_t) noexcept);
  // y [rows, n] = x [rows, k] · panelsᵀ + bias
  void gemm(const float* x, int64_t rows, const void* panels, WeightType type, int64_t n, int64_t k, const float* bias,
      float* y);

  // cos and sin of position p, pair i at [p * half + i], for positions 0 .. positions-1; grows as needed.
  struct RopeTable {
    RopeConfig config;
    bool is_long = false;
    int64_t positions = 0;
    std::vector<float> cos, sin;
  };
  const RopeTable& rope_table(const RopeConfig& config, bool is_long, int64_t positions);

  const KernelTable& table_;
  int threads_;
  std::string name_;
  std::shared_ptr<BufferPool> pool_;
  Weights weights_;
  std::vector<RopeTable> rope_tables_;
};

}  // namespace hilum
