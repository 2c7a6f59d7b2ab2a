#include "models/language/bert.h"

#include <fmt/format.h>

#include "base/error.h"
#include "models/files/config_reader.h"
#include "nn/pool.h"

namespace hilum {
namespace {

SelfAttentionConfig attention_config(const std::string& prefix, const BertConfig& c) {
  return {.query = prefix + "attention.self.query",
      .key = prefix + "attention.self.key",
      .value = prefix + "attention.self.value",
      .output = prefix + "attention.output.dense",
      .width = c.width,
      .num_heads = c.num_heads,
      .num_kv_heads = c.num_heads,
      .head_dim = c.width / c.num_heads,
      .qkv_bias = true,
      .output_bias = true,
      .causal = false};
}

}  // namespace

BertConfig bert_config_from_json(const Json& config, const std::string& where) {
  constexpr int kMaxLayers = 1000, kMaxWidth = 1 << 20;
  const ConfigReader in(config, where);
  BertConfig c;
  c.vocab = in.integer("vocab_size", c.vocab);
  c.width = in.integer("hidden_size", c.width, kMaxWidth);
  c.depth = in.integer("num_hidden_layers", c.depth, kMaxLayers);
  c.num_heads = in.integer("num_attention_heads", c.num_heads, kMaxWidth);
  c.mlp_width = in.integer("intermediate_size", c.mlp_width);
  c.positions = in.integer("max_position_embeddings", c.positions);
  c.token_types = in.integer("type_vocab_size", c.token_types);
  c.norm_eps = in.real("layer_norm_eps", c.norm_eps);
  c.activation = activation_from_name(in.text("hidden_act", "gelu"), where);
  c.has_pooler = in.flag("add_pooling_layer", false);
  const std::string positions = in.text("position_embedding_type", "absolute");
  check(positions == "absolute", where.c_str(), "position_embedding_type \"" + positions + "\" is not known here");
  check(c.vocab > 0 && c.positions > 0 && c.token_types > 0 && c.depth > 0, where.c_str(),
      "a BERT of no words, positions, token types or layers");
  check(c.num_heads > 0 && c.width > 0 && c.width % c.num_heads == 0, where.c_str(),
      fmt::format("width {} does not split into {} heads", c.width, c.num_heads));
  return c;
}

BertLayer::BertLayer(const std::string& prefix, const BertConfig& c)
    : attention_(attention_config(prefix, c)),
      attention_norm_(prefix + "attention.output.LayerNorm", c.width, c.norm_eps),
      mlp_(prefix + "intermediate.dense", prefix + "output.dense", c.width, c.mlp_width, c.activation),
      mlp_norm_(prefix + "output.LayerNorm", c.width, c.norm_eps) {}

Tensor BertLayer::forward(Ops& ops, const Tensor& x, const BatchPlan& plan) const {
  const Tensor h = attention_norm_.forward(ops, ops.add(attention_.forward(ops, x, plan), x));  // [R, D]
  return mlp_norm_.forward(ops, ops.add(mlp_.forward(ops, h), h));
}

void BertLayer::params(ParamList& list) {
  attention_.params(list);
  attention_norm_.params(list);
  mlp_.params(list);
  mlp_norm_.params(list);
}

Bert::Bert(const BertConfig& c, const std::string& prefix)
    : config_(c), prefix_(prefix), embedding_norm_(prefix + "embeddings.LayerNorm", c.width, c.norm_eps) {
  words_.declare(prefix + "embeddings.word_embeddings.weight", {c.vocab, c.width});
  positions_.declare(prefix + "embeddings.position_embeddings.weight", {c.positions, c.width});
  token_types_.declare(prefix + "embeddings.token_type_embeddings.weight", {c.token_types, c.width});
  for (int i = 0; i < c.depth; ++i) layers_.emplace_back(prefix + "encoder.layer." + std::to_string(i) + ".", c);
}

Tensor Bert::embed(Ops& ops, const TextBatch& texts) const {
  for (size_t i = 0; i < texts.ids.size(); ++i) {
    if (texts.ids[i] < 0 || texts.ids[i] >= config_.vocab) [[unlikely]]
      throw Error("bert",
          fmt::format("token id {} at place {} of text {} is outside the vocabulary of {}", texts.ids[i],
              texts.rows.position[i], texts.rows.slot[i], config_.vocab),
          "Do the tokenizer files belong to this model?");
    if (texts.rows.position[i] >= config_.positions) [[unlikely]]
      throw Error("bert",
          fmt::format("text {} is longer than the model's {} tokens", texts.rows.slot[i], config_.positions),
          "Shorten the text.");
  }
  const std::vector<int32_t> first_type(texts.ids.size(), 0);
  const Tensor words = ops.add(ops.embedding(words_, texts.ids), ops.embedding(token_types_, first_type));  // [R, D]
  const Tensor x = ops.add(words, ops.embedding(positions_, texts.rows.position));                          // [R, D]
  return ops.tag(embedding_norm_.forward(ops, x), "text_embeddings");
}

std::vector<Tensor> Bert::hidden_states(Ops& ops, const TextBatch& texts) const {
  std::vector<Tensor> hidden = {embed(ops, texts)};
  const std::unique_ptr<BatchPlan> plan = ops.plan(texts.rows);
  for (size_t i = 0; i < layers_.size(); ++i)
    hidden.push_back(ops.tag(layers_[i].forward(ops, hidden.back(), *plan), "text_block", static_cast<int>(i)));
  return hidden;
}

void Bert::params(ParamList& list) {
  list.insert(list.end(), {&words_, &positions_, &token_types_});
  embedding_norm_.params(list);
  for (BertLayer& layer : layers_) layer.params(list);
}

std::vector<UnusedTensor> Bert::unused_tensors() const {
  // written by older libraries
  std::vector<UnusedTensor> spare = {{prefix_ + "embeddings.position_ids", {1, config_.positions}, DType::kI64}};
  if (config_.has_pooler) {
    spare.push_back({prefix_ + "pooler.dense.weight", {config_.width, config_.width}});
    spare.push_back({prefix_ + "pooler.dense.bias", {config_.width}});
  }
  return spare;
}

Tensor BertTower::forward(Ops& ops, const TextBatch& texts) const {
  const std::vector<Tensor> hidden = bert_.hidden_states(ops, texts);
  Tensor x = hidden[static_cast<size_t>(pooling_.layers[0])];  // [R, D]
  for (size_t i = 1; i < pooling_.layers.size(); ++i) x = ops.add(x, hidden[static_cast<size_t>(pooling_.layers[i])]);
  if (pooling_.layers.size() > 1) x = ops.scale(x, 1.0f / static_cast<float>(pooling_.layers.size()));
  std::vector<int32_t> begins = texts.begins();
  const int32_t end = begins.back();
  begins.pop_back();
  if (pooling_.class_token) return ops.gather_rows(x, begins);  // [N, D]
  std::vector<Tensor> means;
  for (size_t i = 0; i < begins.size(); ++i) {
    const int64_t length = (i + 1 < begins.size() ? begins[i + 1] : end) - begins[i];
    means.push_back(mean_rows(ops, ops.reshape(ops.slice(x, 0, begins[i], length), {1, length, width()})));  // [1, D]
  }
  return means.size() == 1 ? means[0] : ops.concat(means, 0);  // [N, D]
}

std::string BertTower::summary() const {
  const BertConfig& c = bert_.config();
  return fmt::format("bert, {} layers, width {}, {} heads, {} words, {} positions", c.depth, c.width, c.num_heads,
      c.vocab, c.positions);
}

std::unique_ptr<TextTower> make_bert(const TowerSource& source) {
  const BertConfig config = bert_config_from_json(source.config, source.where);
  if (source.pooling != "class" && source.pooling != "mean")
    throw Error(source.where, "bert has no pooling \"" + source.pooling + "\"",
        "It has \"class\" (the first row) and \"mean\" (of all rows).");
  BertPooling pooling{.class_token = source.pooling == "class",
      .layers = ConfigReader(source.config, source.where).integers("pool_layers")};
  if (pooling.layers.empty()) pooling.layers = {-1};
  for (int& layer : pooling.layers) {
    check(layer >= -(config.depth + 1) && layer <= config.depth, source.where.c_str(),
        fmt::format("pool_layers names {}, the model has 0 to {}", layer, config.depth));
    if (layer < 0) layer += config.depth + 1;
  }
  return std::make_unique<BertTower>(config, std::move(pooling), source.prefix);
}

}  // namespace hilum
