#include "models/vision/qformer.h"

#include "base/error.h"
#include "models/files/config_reader.h"

namespace hilum {
namespace {

SelfAttentionConfig attention_config(const std::string& prefix, const QFormerConfig& c) {
  return {.query = prefix + "attention.self.query",
      .key = prefix + "attention.self.key",
      .value = prefix + "attention.self.value",
      .output = prefix + "attention.output.dense",
      .width = c.width,
      .num_heads = c.num_heads,
      .num_kv_heads = c.num_heads,
      .head_dim = c.width / c.num_heads};
}

CrossAttentionConfig cross_config(const std::string& prefix, const QFormerConfig& c) {
  return {.query = prefix + "crossattention.self.query",
      .key = prefix + "crossattention.self.key",
      .value = prefix + "crossattention.self.value",
      .output = prefix + "crossattention.output.dense",
      .width = c.width,
      .memory_width = c.features,
      .num_heads = c.num_heads};
}

}  // namespace

QFormerConfig qformer_config_from_json(const Json& config, const std::string& where) {
  const ConfigReader in(config, where);
  QFormerConfig c;
  c.features = in.integer("encoder_hidden_size", c.features);
  c.queries = in.integer("num_query_tokens", c.queries, 1 << 16);
  c.width = in.integer("hidden_size", c.width);
  c.depth = in.integer("num_hidden_layers", c.depth, 1000);
  c.num_heads = in.integer("num_attention_heads", c.num_heads, 4096);
  c.mlp_width = in.integer("intermediate_size", c.mlp_width);
  c.cross_every = in.integer("cross_attention_frequency", c.cross_every, 1000);
  c.norm_eps = in.real("layer_norm_eps", c.norm_eps);
  check(c.queries > 0 && c.depth > 0 && c.cross_every > 0, where.c_str(),
      "a Q-Former of no queries or layers, or one that never looks at the image");
  check(c.num_heads > 0 && c.width > 0 && c.width % c.num_heads == 0, where.c_str(),
      "width " + std::to_string(c.width) + " does not split into " + std::to_string(c.num_heads) + " heads");
  return c;
}

QFormerLayer::QFormerLayer(const std::string& prefix, const QFormerConfig& c, bool looks)
    : attention_(attention_config(prefix, c)),
      attention_norm_(prefix + "attention.output.LayerNorm", c.width, c.norm_eps),
      mlp_(prefix + "intermediate_query.dense", prefix + "output_query.dense", c.width, c.mlp_width, Activation::kGelu),
      mlp_norm_(prefix + "output_query.LayerNorm", c.width, c.norm_eps) {
  if (!looks) return;
  cross_.emplace(cross_config(prefix, c));
  cross_norm_.emplace(prefix + "crossattention.output.LayerNorm", c.width, c.norm_eps);
}

Tensor QFormerLayer::forward(Ops& ops, const Tensor& x, const BatchPlan& queries, const Tensor& image) const {
  Tensor h = attention_norm_.forward(ops, ops.add(attention_.forward(ops, x, queries), x));  // [N*Q, D]
  if (cross_) {
    const int64_t n = image.dim(0), d = h.dim(1);
    const Tensor seen = cross_->forward(ops, ops.reshape(h, {n, h.dim(0) / n, d}), image);  // [N, Q, D]
    h = cross_norm_->forward(ops, ops.add(ops.reshape(seen, h.shape()), h));
  }
  return mlp_norm_.forward(ops, ops.add(mlp_.forward(ops, h), h));
}

void QFormerLayer::params(ParamList& list) {
  attention_.params(list);
  attention_norm_.params(list);
  if (cross_) {
    cross_->params(list);
    cross_norm_->params(list);
  }
  mlp_.params(list);
  mlp_norm_.params(list);
}

QFormer::QFormer(const QFormerConfig& c, const std::string& prefix)
    : config_(c),
      vision_norm_(prefix + "ln_vision", c.features, c.feature_norm_eps),
      query_norm_(prefix + "Qformer.bert.embeddings.LayerNorm", c.width, c.norm_eps) {
  query_tokens_.declare(prefix + "query_tokens", {1, c.queries, c.width});
  for (int i = 0; i < c.depth; ++i)
    layers_.emplace_back(prefix + "Qformer.bert.encoder.layer." + std::to_string(i) + ".", c, i % c.cross_every == 0);
}

Tensor QFormer::forward(Ops& ops, const Tensor& features) const {
  const int64_t n = features.dim(0), q = config_.queries, d = config_.width;
  const Tensor image = ops.tag(vision_norm_.forward(ops, features), "vision_norm");                // [N, P, C]
  const Tensor one = query_norm_.forward(ops, ops.reshape(ops.parameter(query_tokens_), {q, d}));  // [Q, D]
  const std::vector<Tensor> copies(static_cast<size_t>(n), one);
  Tensor x = n == 1 ? one : ops.concat(copies, 0);  // [N*Q, D]
  const std::unique_ptr<BatchPlan> queries = ops.plan(RaggedBatch::uniform(n, q));
  for (size_t i = 0; i < layers_.size(); ++i)
    x = ops.tag(layers_[i].forward(ops, x, *queries, image), "query_block", static_cast<int>(i));
  return ops.reshape(x, {n, q, d});
}

void QFormer::params(ParamList& list) {
  vision_norm_.params(list);
  list.push_back(&query_tokens_);
  query_norm_.params(list);
  for (QFormerLayer& layer : layers_) layer.params(list);
}

}  // namespace hilum
