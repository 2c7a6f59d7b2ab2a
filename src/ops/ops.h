// The operations models are written over. Backends: ops/cpu (our kernels, the deployed path), ops/torch (libtorch:
// autograd, CUDA), ops/check (shapes, parameter and FLOP counts, no data), ops/trace (wraps another, records tagged
// values).
//
// Letters in shapes: R rows (tokens of all sequences of the batch, one after another), D width, H query heads, K
// key/value heads, d head width, N images, C channels, P patches. Activations are F32. Every call returns a new tensor;
// none changes its input. Shapes are checked here, once, by each call's public form; a mistake is an invariant (our
// bug), never bad input.
//
// Keep this small: about 30 calls, no overloads (ops_test.cpp counts them). A fused call has a default in
// ops_default.cpp made of simple ones; that default is its specification, its test and its gradient.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "tensor/param.h"
#include "tensor/tensor.h"

namespace hilum {

// Which sequence each row belongs to and where in it the row stands. Rows of one slot are in rising position order and
// contiguous. Sequences of different lengths, prompts and single decode steps share one batch; nothing is padded.
struct RaggedBatch {
  std::vector<int32_t> slot;      // [R] sequence of the row, 0 .. slots-1
  std::vector<int32_t> position;  // [R] 0-based place in the sequence

  int64_t rows() const { return static_cast<int64_t>(slot.size()); }
  // `count` sequences of `length` rows each, at positions 0 .. length-1: a batch of images, say.
  static RaggedBatch uniform(int64_t count, int64_t length);
  // One sequence: rows at positions first .. first+length-1 of `slot`.
  static RaggedBatch single(int64_t length, int32_t first = 0, int32_t slot = 0);
};

// Keys and values of earlier rows, per layer and slot. Made by a backend, handed back to its attention().
class KvCache {
 public:
  virtual ~KvCache() = default;
  virtual int64_t length(int32_t slot) const = 0;  // positions held, the same in every layer once a pass is done
  virtual void truncate(int32_t slot, int64_t length) = 0;  // forget positions from `length` on
  // Slot `to` holds the first `length` positions of slot `from`, which has them, and nothing else.
  virtual void copy(int32_t from, int32_t to, int64_t length) = 0;
  virtual size_t bytes() const = 0;
};

struct KvCacheConfig {
  int layers = 0, kv_heads = 0, head_dim = 0;
  int64_t slots = 1, capacity = 0;  // positions per slot
};

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

class Ops {
 public:
  virtual ~Ops() = default;
  virtual std::string_view name() const = 0;  // "cpu (avx512_vnni)", "torch", ...

  // --- in and out
  virtual Tensor from_host(const Tensor& host) = 0;  // F32 host tensor -> this backend
  virtual Tensor to_host(const Tensor& x) = 0;       // -> F32 host tensor
  virtual Tensor parameter(
      const Param& p) = 0;  // a parameter's values as an F32 tensor of its shape (class token, positions)

  // --- calls that bear weights
  // x [..., in], weight [out, in], bias [out] or null -> [..., out]: x · weightᵀ + bias
  virtual Tensor linear(const Tensor& x, const Param& weight, const Param* bias) = 0;
  // table [V, D], ids [R] in 0..V-1 -> [R, D]
  virtual Tensor embedding(const Param& table, std::span<const int32_t> ids) = 0;
  // image [N, C, h, w], weight [D, C, p, p], bias [D] or null -> [N, out(h)*out(w), D], out(s) = (s + 2 padding - p) /
  // stride + 1: convolution over a border of zeros, patches row by row. Patches that do not overlap have stride p,
  // padding 0.
  virtual Tensor patch_embed(
      const Tensor& image, const Param& weight, const Param* bias, int64_t stride, int64_t padding) = 0;
  // x [N, h, w, C], weight [C, 1, 3, 3], bias [C] -> [N, h, w, C]: each channel under its own kernel, stride 1, one
  // border of zeros
  virtual Tensor depthwise_conv3x3(const Tensor& x, const Param& weight, const Param& bias) = 0;
  // x [..., D] -> (x - mean) / sqrt(var + eps) * weight + bias, var the biased variance over D
  virtual Tensor layer_norm(const Tensor& x, const Param& weight, const Param& bias, float eps) = 0;
  // x [..., D] -> x / sqrt(mean(x²) + eps) * weight
  virtual Tensor rms_norm(const Tensor& x, const Param& weight, float eps) = 0;
  // x [..., D], lambda [D] -> x * lambda (LayerScale)
  virtual Tensor channel_scale(const Tensor& x, const Param& lambda) = 0;

  // --- elementwise
  virtual Tensor add(
      const Tensor& a, const Tensor& b) = 0;  // equal shapes, or b [last dims of a] repeated over the first ones
  virtual Tensor mul(const Tensor& a, const Tensor& b) = 0;  // as add
  virtual Tensor scale(const Tensor& x, float factor) = 0;
  virtual Tensor gelu(const Tensor& x) = 0;        // exact: x/2 · (1 + erf(x/√2))
  virtual Tensor quick_gelu(const Tensor& x) = 0;  // x · sigmoid(1.702 x)  (CLIP)
  virtual Tensor silu(const Tensor& x) = 0;        // x · sigmoid(x)
  virtual Tensor tanh(const Tensor& x) = 0;
  virtual Tensor softmax(const Tensor& x) = 0;       // over the last dimension
  virtual Tensor l2_normalize(const Tensor& x) = 0;  // x / max(‖x‖, 1e-12) over the last dimension

  // --- matrix product of two activations: a [..., m, k], b [..., n, k] -> [..., m, n]: a · bᵀ
  virtual Tensor matmul_nt(const Tensor& a, const Tensor& b) = 0;

  // --- moving rows
  virtual Tensor reshape(const Tensor& x, Shape shape) = 0;
  virtual Tensor concat(std::span<const Tensor> parts, int dim) = 0;
  virtual Tensor slice(const Tensor& x, int dim, int64_t first, int64_t count) = 0;
  virtual Tensor transpose(const Tensor& x, int dim_a, int dim_b) = 0;
  // x [R, D], rows [r] -> [r, D]
  virtual Tensor gather_rows(const Tensor& x, std::span<const int32_t> rows) = 0;
  // x [R, D] with rows[i] replaced by values [r, D] row i; rows are distinct
  virtual Tensor scatter_rows(const Tensor& x, std::span<const int32_t> rows, const Tensor& values) = 0;

  // --- attention
  // x [R, heads*d] -> rotated at each row's position, rotate-half layout: pairs (i, i + d/2), angle p / factor ·
  // theta^(-2i/d)
  virtual Tensor rope(const Tensor& x, const RaggedBatch& batch, const RopeConfig& config) = 0;
  // q [R, H*d], k, v [R, K*d] -> [R, H*d]. A row sees rows of its own slot only: those of this call and, with a cache,
  // those stored before; causal rows see positions up to their own. With a cache, k and v are appended at their
  // positions first.
  virtual Tensor attention(const Tensor& q, const Tensor& k, const Tensor& v, const RaggedBatch& batch,
      const AttentionConfig& config, KvCache* cache) = 0;
  virtual std::unique_ptr<KvCache> make_kv_cache(const KvCacheConfig& config) = 0;

  // --- fused; defaults in ops_default.cpp
  virtual Tensor gated_silu(const Tensor& gate, const Tensor& up);  // silu(gate) · up, the Llama MLP
  virtual Tensor dropout(const Tensor& x, float probability);       // identity except in training

  // Names an intermediate for golden tests; returns x. Does nothing except under trace. layer -1: none.
  virtual Tensor tag(const Tensor& x, std::string_view what, int layer = -1);
};

}  // namespace hilum
