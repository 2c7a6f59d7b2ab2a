#include "models/language/text_transformer.h"

#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "models/files/config_reader.h"

namespace hilum {
namespace {

// The published names behind one form.
struct FormTable {
  const char *tokens, *positions, *block, *query, *key, *value, *packed_weight, *packed_bias, *output, *norm1, *norm2,
      *fc1, *fc2, *final_norm;
};
constexpr FormTable kOpenClipTable{"token_embedding.weight", "positional_embedding", "resblocks.", "", "", "",
    "attn.in_proj_weight", "attn.in_proj_bias", "attn.out_proj", "ln_1", "ln_2", "mlp.c_fc", "mlp.c_proj", "ln_final"};
constexpr FormTable kTransformersTable{"embeddings.token_embedding.weight", "embeddings.position_embedding.weight",
    "encoder.layers.", "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "", "", "self_attn.out_proj",
    "layer_norm1", "layer_norm2", "mlp.fc1", "mlp.fc2", "final_layer_norm"};

const FormTable& table(TextForm form) { return form == TextForm::kOpenClip ? kOpenClipTable : kTransformersTable; }

SelfAttentionConfig attention_config(const std::string& prefix, const TextTransformerConfig& c) {
  const FormTable& names = table(c.form);
  const bool packed = *names.packed_weight != '\0';
  return {.query = prefix + names.query,
      .key = prefix + names.key,
      .value = prefix + names.value,
      .output = prefix + names.output,
      .packed_weight = packed ? prefix + names.packed_weight : "",
      .packed_bias = packed ? prefix + names.packed_bias : "",
      .width = c.width,
      .num_heads = c.num_heads,
      .num_kv_heads = c.num_heads,
      .head_dim = c.width / c.num_heads,
      .causal = c.causal};
}

}  // namespace

TextTransformerConfig text_transformer_config_from_json(const Json& json, const std::string& where) {
  const ConfigReader in(json, where);
  TextTransformerConfig c;
  const std::string form = in.text("form", "open_clip");
  if (form != "open_clip" && form != "transformers")
    throw Error(where, "form \"" + form + "\" is not known", "Known are open_clip and transformers.");
  c.form = form == "open_clip" ? TextForm::kOpenClip : TextForm::kTransformers;
  c.vocab = in.integer("vocab_size", 49408);
  c.positions = in.integer("max_position_embeddings", 77, 1 << 20);
  c.width = in.integer("hidden_size", 1024, 1 << 20);
  c.depth = in.integer("num_hidden_layers", 16, 1000);
  c.num_heads = in.integer("num_attention_heads", 16, 1 << 20);
  c.mlp_width = in.integer("intermediate_size", 4096);
  c.norm_eps = in.real("layer_norm_eps", 1e-12f);
  c.activation = activation_from_name(in.text("hidden_act", "quick_gelu"), where);
  c.causal = in.flag("causal", false);
  check(c.vocab > 0 && c.positions > 0 && c.width > 0 && c.mlp_width > 0 && c.norm_eps > 0, where.c_str(),
      "vocab_size, max_position_embeddings, hidden_size, intermediate_size and layer_norm_eps must be above 0");
  check(c.num_heads > 0 && c.width % c.num_heads == 0 && c.width / c.num_heads <= 256, where.c_str(),
      "width " + std::to_string(c.width) + " does not split into " + std::to_string(c.num_heads) +
          " heads of at most 256");
  return c;
}

TextBlock::TextBlock(const std::string& prefix, const TextTransformerConfig& c)
    : attention_(attention_config(prefix, c)),
      norm1_(prefix + table(c.form).norm1, c.width, c.norm_eps),
      norm2_(prefix + table(c.form).norm2, c.width, c.norm_eps),
      mlp_(prefix + table(c.form).fc1, prefix + table(c.form).fc2, c.width, c.mlp_width, c.activation) {}

Tensor TextBlock::forward(Ops& ops, const Tensor& x, const BatchPlan& plan) const {
  const Tensor h = ops.add(x, attention_.forward(ops, norm1_.forward(ops, x), plan));  // [R, D]
  return ops.add(h, mlp_.forward(ops, norm2_.forward(ops, h)));                        // [R, D]
}

void TextBlock::params(ParamList& list) {
  attention_.params(list);
  norm1_.params(list);
  mlp_.params(list);
  norm2_.params(list);
}

TextTransformer::TextTransformer(const TextTransformerConfig& c, const std::string& prefix)
    : config_(c),
      tokens_(prefix + table(c.form).tokens, {c.vocab, c.width}),
      positions_(prefix + table(c.form).positions, {c.positions, c.width}),
      final_norm_(prefix + table(c.form).final_norm, c.width, c.norm_eps) {
  for (int i = 0; i < c.depth; ++i) blocks_.emplace_back(prefix + table(c.form).block + std::to_string(i) + ".", c);
}

Tensor TextTransformer::forward(Ops& ops, const TextBatch& texts) const {
  check_texts(texts, config_.vocab, config_.positions, "text tower");
  const Tensor positions = ops.embedding(positions_, texts.rows.position);  // [R, D]
  Tensor x = ops.tag(ops.add(ops.embedding(tokens_, texts.ids), positions), "text_embeddings");
  const std::unique_ptr<BatchPlan> plan = ops.plan(texts.rows);
  for (size_t i = 0; i < blocks_.size(); ++i)
    x = ops.tag(blocks_[i].forward(ops, x, *plan), "text_block", static_cast<int>(i));
  std::vector<int32_t> ends;  // [N] rows
  const std::vector<int32_t> begins = texts.begins();
  for (size_t i = 0; i + 1 < begins.size(); ++i) {
    int32_t end = begins[i];
    for (int32_t r = begins[i]; r < begins[i + 1]; ++r)
      if (texts.ids[static_cast<size_t>(r)] > texts.ids[static_cast<size_t>(end)]) end = r;
    ends.push_back(end);
  }
  return final_norm_.forward(ops, ops.gather_rows(x, ends));  // [N, D]
}

void TextTransformer::params(ParamList& list) {
  list.insert(list.end(), {&tokens_, &positions_});
  for (TextBlock& block : blocks_) block.params(list);
  final_norm_.params(list);
}

std::string TextTransformer::summary() const {
  return "text transformer, width " + std::to_string(config_.width) + ", " + std::to_string(config_.depth) +
         " layers, " + (config_.causal ? "causal" : "bidirectional") + ", read at the end token";
}

std::unique_ptr<TextTower> make_text_transformer(const TowerSource& source) {
  check(source.pooling == "end", source.where.c_str(),
      "pooling \"" + source.pooling + "\" is not one of this text tower's", "Known is end.");
  return std::make_unique<TextTransformer>(
      text_transformer_config_from_json(source.config, source.where), source.prefix);
}

void check_texts(const TextBatch& texts, int64_t vocab, int64_t context, const char* where) {
  invariant(texts.ids.size() == texts.rows.slot.size() && !texts.ids.empty(), "texts with a place for each token");
  for (const int32_t id : texts.ids)
    check(
        id >= 0 && id < vocab, where,
        [&] { return fmt::format("token id {} is outside the vocabulary of {}", id, vocab); },
        "Use the tokenizer that came with the model.");
  for (const int32_t p : texts.rows.position)
    check(
        p < context, where,
        [&] { return fmt::format("a text has more than the {} tokens this tower has positions for", context); },
        "Shorten the text or let the tokenizer cut it.");
}

}  // namespace hilum
