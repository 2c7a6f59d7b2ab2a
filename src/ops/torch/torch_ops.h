// The operations over libtorch: autograd for training, CUDA where the libtorch at hand has it. Only ops/torch and
// train/ include this.
//
// A Tensor's storage is a AtStorage here; at_tensor() gives what is inside. Params become leaf tensors on first use:
// they take gradients unless the Param is frozen or gradients are off.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "ops/ops.h"
#include "ops/torch/torch_plan.h"

namespace hilum {

class AtStorage final : public Storage {
 public:
  explicit AtStorage(at::Tensor held) : value(std::move(held)) {}
  at::Tensor value;
};

// The libtorch tensor behind `x`, in the shape of the handle (part of the autograd graph). Invariant: `x` comes from a
// TorchOps.
at::Tensor at_tensor(const Tensor& x);
// A handle on a libtorch tensor; its shape and float dtype are taken over.
Tensor from_at(at::Tensor value);

struct TorchOptions {
  std::string device = "cpu";  // or "cuda", "cuda:1"
  int threads = 0;             // 0: one per core (libtorch itself would start with one)
  // What activations are held and multiplied in: F32, or BF16 for inference. In BF16 weights of more than one dimension
  // are kept in BF16, those stored so as they are, and norms, softmax and the sums of products are F32.
  DType compute = DType::kF32;
  bool bf16_products =
      false;               // multiply weights in BF16 (sums in F32): twice as fast to train where the processor has it
  bool gradients = false;  // Params take gradients; false also keeps the calls from recording
};

class TorchOps final : public Ops {
 public:
  // Throws Error for a device this libtorch does not have; warns when the BLAS it found is the slow reference one.
  explicit TorchOps(const TorchOptions& options = {});
  // A replica for another thread: the values of the leaves of `main`, gradients of its own. `main` outlives it, and
  // makes no new leaf meanwhile.
  explicit TorchOps(TorchOps& main);

  std::string_view name() const override { return "torch"; }

  // rows [R, K] times weight [M, K], plus bias [M] or nothing, in the precision of the options.
  at::Tensor product(const at::Tensor& rows, const at::Tensor& weight, const at::Tensor& bias) const;
  // The leaf tensor of a Param, made from its data on first use: F32, or as TorchOptions::compute says. Throws Error
  // for a Param without data or stored in a form that is no dense float.
  at::Tensor leaf(const Param& p);
  // Gives the Param new host data (F32) with its leaf's present values, e.g. before a checkpoint is written. Nothing
  // where there is no leaf, or where the Param was given other data since.
  void store(Param& p);
  // Forgets the leaf of a Param whose data changed, or that dies before this backend does.
  void forget(const Param& p) { leaves_.erase(&p); }
  bool gradients() const { return options_.gradients; }

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

  std::unique_ptr<BatchPlan> do_plan(BatchLayout layout) override;
  Tensor do_rope(const Tensor& x, const BatchPlan& plan, const RopeConfig& config) override;
  Tensor do_attention(
      const Tensor& q, const Tensor& k, const Tensor& v, const BatchPlan& plan, const AttentionConfig& config) override;
  std::unique_ptr<KvCache> do_make_kv_cache(const KvCacheConfig& config) override;

 private:
  at::ScalarType computed_in() const;  // options_.compute
  // A result of x, in the dtype that is computed in.
  Tensor result(const at::Tensor& value) const { return from_at(value.to(computed_in())); }

  struct RopeTable {  // of positions 0 .. P-1; grows as needed
    RopeConfig config;
    bool is_long = false;
    at::Tensor cos, sin;  // [P, d/2]
  };
  const RopeTable& rope_table(const RopeConfig& config, bool is_long, int64_t positions);
  // Of the plan's rows, made when the first layer asks.
  TorchPlan::Rotations rotations(const TorchPlan& plan, const RopeConfig& config);

  TorchOptions options_;
  at::Device device_;
  TorchOps* main_ = nullptr;  // of a replica
  struct Leaf {
    at::Tensor value;
    std::shared_ptr<Storage> from;  // the data it was made of: other data in the Param means another leaf
  };
  std::map<const Param*, Leaf> leaves_;
  std::deque<RopeTable> rope_tables_;
};

// The number of threads libtorch uses for one call from now on (it starts with one).
void set_torch_threads(int threads);

}  // namespace hilum
