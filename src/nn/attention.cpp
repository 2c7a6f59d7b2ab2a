#include "nn/attention.h"

namespace hilum {

SelfAttention::SelfAttention(const SelfAttentionConfig& c)
    : query_(c.query, c.width, int64_t{c.num_heads} * c.head_dim, c.qkv_bias),
      key_(c.key, c.width, int64_t{c.num_kv_heads} * c.head_dim, c.qkv_bias),
      value_(c.value, c.width, int64_t{c.num_kv_heads} * c.head_dim, c.qkv_bias),
      output_(c.output, int64_t{c.num_heads} * c.head_dim, c.width, c.output_bias), rope_(c.rope),
      attention_{.num_heads = c.num_heads, .num_kv_heads = c.num_kv_heads, .causal = c.causal, .layer = c.layer} {}

Tensor SelfAttention::forward(Ops& ops, const Tensor& x, const RaggedBatch& batch, KvCache* cache) const {
  Tensor q = query_.forward(ops, x);        // [R, H*d]
  Tensor k = key_.forward(ops, x);          // [R, K*d]
  const Tensor v = value_.forward(ops, x);  // [R, K*d]
  if (rope_) {
    q = ops.rope(q, batch, *rope_);
    k = ops.rope(k, batch, *rope_);
  }
  return output_.forward(ops, ops.attention(q, k, v, batch, attention_, cache));  // [R, D]
}

void SelfAttention::params(ParamList& list) {
  query_.params(list), key_.params(list), value_.params(list), output_.params(list);
}

}  // namespace hilum
