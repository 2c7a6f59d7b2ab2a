#include "nn/cross_attention.h"

#include <cmath>

namespace hilum {

CrossAttention::CrossAttention(const CrossAttentionConfig& c)
    : query_(c.query, c.width, c.width, true),
      key_(c.key, c.memory_width, c.width, true),
      value_(c.value, c.memory_width, c.width, true),
      output_(c.output, c.width, c.width, true),
      num_heads_(c.num_heads) {}

Tensor CrossAttention::forward(Ops& ops, const Tensor& x, const Tensor& memory) const {
  const int64_t n = x.dim(0), q = x.dim(1), p = memory.dim(1), width = x.dim(2), h = num_heads_, d = width / h;
  const auto split = [&](const Tensor& rows, int64_t count) {
    return ops.transpose(ops.reshape(rows, {n, count, h, d}), 1, 2);
  };  // [N, H, count, d]
  const Tensor queries =
      ops.scale(split(query_.forward(ops, x), q), static_cast<float>(1.0 / std::sqrt(static_cast<double>(d))));
  const Tensor weights = ops.softmax(ops.matmul_nt(queries, split(key_.forward(ops, memory), p)));  // [N, H, Q, P]
  const Tensor values = ops.transpose(split(value_.forward(ops, memory), p), 2, 3);                 // [N, H, d, P]
  const Tensor out = ops.transpose(ops.matmul_nt(weights, values), 1, 2);                           // [N, Q, H, d]
  return output_.forward(ops, ops.reshape(out, {n, q, width}));
}

}  // namespace hilum
