#include "models/language/decoder.h"

#include "base/error.h"

namespace hilum {
namespace {

SelfAttentionConfig attention_config(const std::string& prefix, const DecoderConfig& c, int layer) {
  const std::string name = prefix + "self_attn.";
  return {.query = name + "q_proj",
      .key = name + "k_proj",
      .value = name + "v_proj",
      .output = name + "o_proj",
      .packed_weight = c.packed ? name + "qkv_proj.weight" : "",
      .packed_bias = c.packed ? name + "qkv_proj.bias" : "",
      .width = c.width,
      .num_heads = c.num_heads,
      .num_kv_heads = c.num_kv_heads,
      .head_dim = c.head_dim,
      .qkv_bias = c.qkv_bias,
      .output_bias = c.output_bias,
      .causal = true,
      .rope = RopeConfig{.head_dim = c.head_dim,
          .theta = c.rope_theta,
          .linear_factor = c.rope_factor,
          .short_factors = c.short_factors,
          .long_factors = c.long_factors,
          .short_context = c.short_context,
          .magnitude = c.rope_magnitude},
      .window = c.window,
      .layer = layer};
}

}  // namespace

DecoderLayer::DecoderLayer(const std::string& prefix, const DecoderConfig& c, int index)
    : index_(index),
      attention_(attention_config(prefix, c, index)),
      mlp_(prefix + "mlp", c.width, c.mlp_width, c.mlp_bias, c.packed),
      input_norm_(prefix + "input_layernorm", c.width, c.norm_eps),
      mlp_norm_(prefix + "post_attention_layernorm", c.width, c.norm_eps) {}

Tensor DecoderLayer::forward(Ops& ops, const Tensor& x, const BatchPlan& plan) const {
  const Tensor y = attention_.forward(ops, input_norm_.forward(ops, x), plan);  // [R, D]
  const Tensor h = ops.add(x, ops.tag(y, "attn_out", index_));                  // [R, D]
  return ops.tag(ops.add(h, mlp_.forward(ops, mlp_norm_.forward(ops, h))), "layer_out", index_);
}

void DecoderLayer::params(ParamList& list) {
  attention_.params(list);
  mlp_.params(list);
  input_norm_.params(list);
  mlp_norm_.params(list);
}

Decoder::Decoder(const DecoderConfig& c, const std::string& prefix)
    : config_(c), norm_(prefix + "norm", c.width, c.norm_eps) {
  check(c.num_kv_heads > 0 && c.num_heads % c.num_kv_heads == 0, "decoder config",
      std::to_string(c.num_heads) + " query heads do not share " + std::to_string(c.num_kv_heads) +
          " key heads evenly");
  check(c.head_dim > 0 && c.head_dim % 2 == 0, "decoder config",
      "head width " + std::to_string(c.head_dim) + " is not even");
  embed_tokens_.declare(prefix + "embed_tokens.weight", {c.vocab, c.width});
  for (int i = 0; i < c.depth; ++i) layers_.emplace_back(prefix + "layers." + std::to_string(i) + ".", c, i);
  if (!c.tied_embeddings) lm_head_.emplace(prefix + "lm_head", c.width, c.vocab, false);
}

Tensor Decoder::embed(Ops& ops, std::span<const int32_t> ids) const {
  for (size_t i = 0; i < ids.size(); ++i)
    if (ids[i] < 0 || ids[i] >= config_.vocab) [[unlikely]]
      throw Error("decoder",
          "token id " + std::to_string(ids[i]) + " at place " + std::to_string(i) + " is outside the vocabulary of " +
              std::to_string(config_.vocab),
          "Do the tokenizer files belong to this model?");
  return ops.tag(ops.embedding(embed_tokens_, ids), "tok_embed");  // [R, D]
}

Tensor Decoder::forward(Ops& ops, const Tensor& x, const RaggedBatch& batch, KvCache* cache) const {
  const std::unique_ptr<BatchPlan> plan = ops.plan(batch, cache);
  Tensor h = x;  // [R, D]
  for (const DecoderLayer& layer : layers_) h = layer.forward(ops, h, *plan);
  return h;
}

Tensor Decoder::logits(Ops& ops, const Tensor& hidden, std::span<const int32_t> rows) const {
  const Tensor chosen = ops.gather_rows(hidden, rows);                                            // [r, D]
  const Tensor x = ops.tag(norm_.forward(ops, chosen), "final_norm");                             // [r, D]
  const Tensor y = lm_head_ ? lm_head_->forward(ops, x) : ops.linear(x, embed_tokens_, nullptr);  // [r, V]
  return ops.tag(y, "logits");
}

std::unique_ptr<KvCache> Decoder::make_cache(Ops& ops, int64_t slots, int64_t capacity) const {
  return ops.make_kv_cache({.layers = config_.depth,
      .kv_heads = config_.num_kv_heads,
      .head_dim = config_.head_dim,
      .slots = slots,
      .capacity = capacity});
}

void Decoder::params(ParamList& list) {
  list.push_back(&embed_tokens_);
  for (DecoderLayer& layer : layers_) layer.params(list);
  norm_.params(list);
  if (lm_head_) lm_head_->params(list);
}

}  // namespace hilum
