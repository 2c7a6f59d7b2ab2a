// The operations over libtorch: autograd for training, CUDA where the libtorch at hand has it. Only ops/torch and
// train/ include this.
//
// A Tensor's storage is a AtStorage here; at_tensor() gives what is inside. Params become leaf tensors on first use:
// they take gradients unless the Param is frozen or gradients are off.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include "ops/ops.h"

namespace hilum {

class AtStorage final : public Storage {
 public:
  explicit AtStorage(at::Tensor held) : value(std::move(held)) {}
  at::Tensor value;
};

// The libtorch tensor behind `x`, in the shape of the handle (part of the autograd graph). Invariant: `x` comes from a
// TorchOps.
at::Tensor at_tensor(const Tensor& x);
// A handle on a libtorch tensor of any float dtype; its shape is taken over.
Tensor from_at(at::Tensor value);

struct TorchOptions {
  std::string device = "cpu";  // or "cuda", "cuda:1"
  int threads = 0;             // 0: one per core (libtorch itself would start with one)
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
  // The leaf tensor of a Param, made from its data on first use. Invariant: the Param is loaded.
  at::Tensor leaf(const Param& p);
  // Copies a leaf's present values back into the Param's host data (F32), e.g. before a checkpoint is written.
  void store(Param& p);
  // Forgets the leaf of a Param whose data changed, or that dies before this backend does.
  void forget(const Param& p) { leaves_.erase(&p); }
  bool gradients() const { return options_.gradients; }
  // Dropout acts, drawing from `seed`; a step's draws depend on its seed alone, so a resumed run repeats them.
  void begin_training_step(uint64_t seed);
  void end_training_step() { training_ = false; }

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
  Tensor dropout(const Tensor& x, float probability) override;

 private:
  struct RopeTable {  // rotations of the last batch: every layer asks for the same ones
    std::vector<int32_t> slot, position;
    RopeConfig config;
    at::Tensor cos, sin;  // [R, 1, d/2]
    bool fits(const RaggedBatch& batch, const RopeConfig& wanted) const;
  };
  at::Tensor index(std::span<const int32_t> rows) const;  // I64 on the device

  TorchOptions options_;
  at::Device device_;
  TorchOps* main_ = nullptr;  // of a replica
  bool training_ = false;
  at::Generator generator_;  // of dropout
  struct Leaf {
    at::Tensor value;
    std::shared_ptr<Storage> from;  // the data it was made of: other data in the Param means another leaf
  };
  std::map<const Param*, Leaf> leaves_;
  RopeTable rope_table_;
};

// The number of threads libtorch uses for one call from now on (it starts with one).
void set_torch_threads(int threads);

}  // namespace hilum
