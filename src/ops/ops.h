// The operations models are written over. Backends: ops/cpu (our kernels, the deployed path), ops/torch (libtorch:
// autograd, CUDA), ops/check (shapes, parameter and FLOP counts, no data), ops/trace (wraps another, records tagged
// values).
//
// Letters in shapes: R rows (tokens of all sequences of the batch, one after another), D width, H query heads, K
// key/value heads, d head width, N images, C channels, P patches. Activations are F32, or BF16 where a
// backend was asked to compute in it; a Tensor's dtype says which. Every call returns a new tensor;
// none changes its input. Arguments are checked here, once, by each call's public form (ops.cpp); a mistake is an
// invariant (our bug), never bad input. What a backend writes is the protected form, which computes and trusts what it
// is given. A check that holds costs no string and no allocation.
//
// Keep this small: about 30 calls, no overloads (ops_test.cpp counts them). A fused call has a default in
// ops_default.cpp made of simple ones; that default is its specification, its test and its gradient.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "ops/batch.h"
#include "tensor/param.h"
#include "tensor/tensor.h"

namespace hilum {

struct AttentionConfig {
  int num_heads = 0;     // H
  int num_kv_heads = 0;  // K, divides H; query head h uses key head h / (H / K)
  bool causal = true;    // false: every row sees its whole slot
  int64_t window = 0;    // causal rows see their own and the window - 1 positions before; 0: all before
  float scale = 0;       // on q·k; 0 means 1 / sqrt(d)
  int layer = 0;         // of the cache
};

struct RopeConfig {
  int head_dim = 0;
  float theta = 10000.0f;
  float linear_factor = 1.0f;  // "linear" scaling: position p behaves as p / factor
  // "longrope" scaling: pair i turns slower by its factor, one set for sequences of up to `short_context` positions,
  // one for longer ones, by how far the sequence reaches in the call; then all is multiplied by `magnitude`. Empty:
  // none.
  std::vector<float> short_factors, long_factors;  // [d/2]
  int64_t short_context = 0;
  float magnitude = 1.0f;

  bool operator==(const RopeConfig&) const = default;
};

inline constexpr int64_t kWidestHead = 256;  // head widths d go up to this

class Ops {
 public:
  virtual ~Ops() = default;
  virtual std::string_view name() const = 0;  // "cpu (avx512_vnni)", "torch", ...

  // --- in and out
  Tensor from_host(const Tensor& host);  // F32 host tensor -> this backend, in what it computes in
  Tensor to_host(const Tensor& x);       // -> F32 host tensor
  Tensor parameter(const Param& p);      // a parameter's values as a tensor of its shape (class token, positions)

  // --- calls that bear weights
  // x [..., in], weight [out, in], bias [out] or null -> [..., out]: x · weightᵀ + bias
  Tensor linear(const Tensor& x, const Param& weight, const Param* bias);
  // table [V, D], ids [R] in 0..V-1 -> [R, D]
  Tensor embedding(const Param& table, std::span<const int32_t> ids);
  // image [N, C, h, w], weight [D, C, p, p], bias [D] or null -> [N, out(h)*out(w), D], out(s) = (s + 2 padding - p) /
  // stride + 1: convolution over a border of zeros, patches row by row. Patches that do not overlap have stride p,
  // padding 0.
  Tensor patch_embed(const Tensor& image, const Param& weight, const Param* bias, int64_t stride, int64_t padding);
  // x [N, h, w, C], weight [C, 1, 3, 3], bias [C] -> [N, h, w, C]: each channel under its own kernel, stride 1, one
  // border of zeros
  Tensor depthwise_conv3x3(const Tensor& x, const Param& weight, const Param& bias);
  // x [..., D] -> (x - mean) / sqrt(var + eps) * weight + bias, var the biased variance over D
  Tensor layer_norm(const Tensor& x, const Param& weight, const Param& bias, float eps);
  // x [..., D] -> x / sqrt(mean(x²) + eps) * weight
  Tensor rms_norm(const Tensor& x, const Param& weight, float eps);
  // x [..., D], lambda [D] -> x * lambda (LayerScale)
  Tensor channel_scale(const Tensor& x, const Param& lambda);

  // --- elementwise
  // equal shapes, or b [last dims of a] repeated over the first ones
  Tensor add(const Tensor& a, const Tensor& b);
  Tensor mul(const Tensor& a, const Tensor& b);  // as add
  Tensor scale(const Tensor& x, float factor);
  Tensor gelu(const Tensor& x);        // exact: x/2 · (1 + erf(x/√2))
  Tensor quick_gelu(const Tensor& x);  // x · sigmoid(1.702 x)  (CLIP)
  Tensor silu(const Tensor& x);        // x · sigmoid(x)
  Tensor tanh(const Tensor& x);
  Tensor softmax(const Tensor& x);       // over the last dimension
  Tensor l2_normalize(const Tensor& x);  // x / max(‖x‖, 1e-12) over the last dimension

  // --- matrix product of two activations: a [..., m, k], b [..., n, k] -> [..., m, n]: a · bᵀ
  Tensor matmul_nt(const Tensor& a, const Tensor& b);

  // --- moving rows; dimensions below 0 count from the back
  Tensor reshape(const Tensor& x, Shape shape);
  Tensor concat(std::span<const Tensor> parts, int dim);
  Tensor slice(const Tensor& x, int dim, int64_t first, int64_t count);
  Tensor transpose(const Tensor& x, int dim_a, int dim_b);
  // x [R, D], rows [r] -> [r, D]
  Tensor gather_rows(const Tensor& x, std::span<const int32_t> rows);
  // x [R, D] with rows[i] replaced by values [r, D] row i; rows are distinct
  Tensor scatter_rows(const Tensor& x, std::span<const int32_t> rows, const Tensor& values);

  // --- attention
  // Made once a pass and given to each layer's rope and attention (ops/batch.h says what is checked). With a cache, the
  // rows continue what it holds.
  std::unique_ptr<BatchPlan> plan(const RaggedBatch& batch, KvCache* cache = nullptr);
  // x [R, heads*d] -> rotated at each row's position, rotate-half layout: pairs (i, i + d/2), angle p / factor ·
  // theta^(-2i/d)
  Tensor rope(const Tensor& x, const BatchPlan& plan, const RopeConfig& config);
  // q [R, H*d], k, v [R, K*d] -> [R, H*d]. A row sees rows of its own slot only: those of this call and, with a cache,
  // those stored before; causal rows see positions up to their own. With a cache, k and v are appended at their
  // positions first.
  Tensor attention(
      const Tensor& q, const Tensor& k, const Tensor& v, const BatchPlan& plan, const AttentionConfig& config);
  std::unique_ptr<KvCache> make_kv_cache(const KvCacheConfig& config);

  // --- fused; defaults in ops_default.cpp
  Tensor gated_silu(const Tensor& gate, const Tensor& up);  // silu(gate) · up of equal shapes, the Llama MLP

  // Names an intermediate for golden tests; returns x. Does nothing except under trace. layer -1: none.
  Tensor tag(const Tensor& x, std::string_view what, int layer = -1);

 protected:
  friend class TraceOps;  // hands what it was given to another backend, checked once

  virtual Tensor do_from_host(const Tensor& host) = 0;
  virtual Tensor do_to_host(const Tensor& x) = 0;
  virtual Tensor do_parameter(const Param& p) = 0;
  virtual Tensor do_linear(const Tensor& x, const Param& weight, const Param* bias) = 0;
  virtual Tensor do_embedding(const Param& table, std::span<const int32_t> ids) = 0;
  virtual Tensor do_patch_embed(
      const Tensor& image, const Param& weight, const Param* bias, int64_t stride, int64_t padding) = 0;
  virtual Tensor do_depthwise_conv3x3(const Tensor& x, const Param& weight, const Param& bias) = 0;
  virtual Tensor do_layer_norm(const Tensor& x, const Param& weight, const Param& bias, float eps) = 0;
  virtual Tensor do_rms_norm(const Tensor& x, const Param& weight, float eps) = 0;
  virtual Tensor do_channel_scale(const Tensor& x, const Param& lambda) = 0;
  virtual Tensor do_add(const Tensor& a, const Tensor& b) = 0;
  virtual Tensor do_mul(const Tensor& a, const Tensor& b) = 0;
  virtual Tensor do_scale(const Tensor& x, float factor) = 0;
  virtual Tensor do_gelu(const Tensor& x) = 0;
  virtual Tensor do_quick_gelu(const Tensor& x) = 0;
  virtual Tensor do_silu(const Tensor& x) = 0;
  virtual Tensor do_tanh(const Tensor& x) = 0;
  virtual Tensor do_softmax(const Tensor& x) = 0;
  virtual Tensor do_l2_normalize(const Tensor& x) = 0;
  virtual Tensor do_matmul_nt(const Tensor& a, const Tensor& b) = 0;
  virtual Tensor do_reshape(const Tensor& x, Shape shape) = 0;
  virtual Tensor do_concat(std::span<const Tensor> parts, int dim) = 0;  // dimensions here count from the front
  virtual Tensor do_slice(const Tensor& x, int dim, int64_t first, int64_t count) = 0;
  virtual Tensor do_transpose(const Tensor& x, int dim_a, int dim_b) = 0;
  virtual Tensor do_gather_rows(const Tensor& x, std::span<const int32_t> rows) = 0;
  virtual Tensor do_scatter_rows(const Tensor& x, std::span<const int32_t> rows, const Tensor& values) = 0;
  virtual std::unique_ptr<BatchPlan> do_plan(BatchLayout layout);  // the layout alone
  virtual Tensor do_rope(const Tensor& x, const BatchPlan& plan, const RopeConfig& config) = 0;
  virtual Tensor do_attention(
      const Tensor& q, const Tensor& k, const Tensor& v, const BatchPlan& plan, const AttentionConfig& config) = 0;
  virtual std::unique_ptr<KvCache> do_make_kv_cache(const KvCacheConfig& config) = 0;
  virtual Tensor do_gated_silu(const Tensor& gate, const Tensor& up);
  virtual Tensor do_tag(const Tensor& x, std::string_view what, int layer);
};

}  // namespace hilum
