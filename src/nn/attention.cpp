#include "nn/attention.h"

namespace hilum {

SelfAttention::SelfAttention(const SelfAttentionConfig& c)
    : output_(c.output, int64_t{c.num_heads} * c.head_dim, c.width, c.output_bias),
      rope_(c.rope),
      attention_{.num_heads = c.num_heads,
          .num_kv_heads = c.num_kv_heads,
          .causal = c.causal,
          .window = c.window,
          .layer = c.layer} {
  const int64_t queries = int64_t{c.num_heads} * c.head_dim, keys = int64_t{c.num_kv_heads} * c.head_dim;
  if (!c.packed_weight.empty()) {
    packed_weight_.declare(c.packed_weight, {queries + 2 * keys, c.width});
    if (!c.query_bias.empty()) {
      query_bias_.declare(c.query_bias, {queries});
      value_bias_.declare(c.value_bias, {keys});
    } else if (c.qkv_bias) packed_bias_.declare(c.packed_bias, {queries + 2 * keys});
    return;
  }
  query_.emplace(c.query, c.width, queries, c.qkv_bias);
  key_.emplace(c.key, c.width, keys, c.qkv_bias);
  value_.emplace(c.value, c.width, keys, c.qkv_bias);
}

SelfAttention::Projected SelfAttention::project(Ops& ops, const Tensor& x) const {
  if (query_) return {query_->forward(ops, x), key_->forward(ops, x), value_->forward(ops, x)};
  const Tensor all =
      ops.linear(x, packed_weight_, packed_bias_.declared() ? &packed_bias_ : nullptr);  // [R, H*d + 2*K*d]
  const int64_t width = output_.weight.shape()[1], keys = (all.dim(1) - width) / 2;
  Projected parts{ops.slice(all, 1, 0, width), ops.slice(all, 1, width, keys), ops.slice(all, 1, width + keys, keys)};
  if (query_bias_.declared()) {
    parts.q = ops.add(parts.q, ops.parameter(query_bias_));
    parts.v = ops.add(parts.v, ops.parameter(value_bias_));
  }
  return parts;
}

Tensor SelfAttention::forward(Ops& ops, const Tensor& x, const BatchPlan& plan) const {
  auto [q, k, v] = project(ops, x);
  if (rope_) {
    q = ops.rope(q, plan, *rope_);
    k = ops.rope(k, plan, *rope_);
  }
  return output_.forward(ops, ops.attention(q, k, v, plan, attention_));  // [R, D]
}

void SelfAttention::params(ParamList& list) {
  if (query_) {
    query_->params(list);
    key_->params(list);
    value_->params(list);
  } else {
    list.push_back(&packed_weight_);
    for (Param* bias : {&packed_bias_, &query_bias_, &value_bias_})
      if (bias->declared()) list.push_back(bias);
  }
  output_.params(list);
}

}  // namespace hilum
