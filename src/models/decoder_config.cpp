#include <cmath>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "models/config_reader.h"
#include "models/decoder.h"

namespace hilum {
namespace {

// transformers 4: rope_theta beside rope_scaling {"type" or "rope_type", "factor"}; transformers 5: all inside rope_parameters.
void read_rope(const ConfigReader& in, DecoderConfig& c) {
  const ConfigReader rope = in.part(in.has("rope_parameters") ? "rope_parameters" : "rope_scaling");
  c.rope_theta = rope.real("rope_theta", in.real("rope_theta", 10000.0f));
  const std::string type = rope.text("rope_type", rope.text("type", "default"));
  if (type != "default" && type != "linear")
    throw Error(rope.where(), "rope type \"" + type + "\" is not implemented", "Known are default and linear.");
  c.rope_factor = type == "linear" ? rope.real("factor", 1.0f) : 1.0f;
  check(c.rope_factor > 0 && c.rope_theta > 0, rope.where().c_str(), "factor and theta must be above 0");
}

}  // namespace

DecoderConfig decoder_config_from_json(const Json& text, const std::string& where) {
  const ConfigReader in(text, where);
  const std::string type = in.text("model_type", "llama");
  if (type != "llama") throw Error(where, "language model of model_type \"" + type + "\" is not known", "Known is llama.");
  DecoderConfig c;                                     // defaults of transformers' LlamaConfig
  c.vocab = in.integer("vocab_size", 32000);
  c.width = in.integer("hidden_size", 4096);
  c.depth = in.integer("num_hidden_layers", 32, 1000);
  c.mlp_width = in.integer("intermediate_size", 11008);
  c.num_heads = in.integer("num_attention_heads", 32, 4096);
  c.num_kv_heads = in.integer("num_key_value_heads", c.num_heads, 4096);
  check(c.num_heads > 0, where.c_str(), "num_attention_heads is 0");
  c.head_dim = in.integer("head_dim", c.width / c.num_heads, 4096);
  c.norm_eps = in.real("rms_norm_eps", 1e-6f);
  c.qkv_bias = c.output_bias = in.flag("attention_bias", false);
  c.mlp_bias = in.flag("mlp_bias", false);
  c.tied_embeddings = in.flag("tie_word_embeddings", false);
  if (activation_from_name(in.text("hidden_act", "silu"), where) != Activation::kSilu)
    throw Error(where, "hidden_act \"" + in.text("hidden_act", "") + "\" is not implemented for this language model", "Known is silu.");
  read_rope(in, c);
  c.context = std::llround(static_cast<double>(in.integer("max_position_embeddings", 2048)) * c.rope_factor);
  return c;
}

}  // namespace hilum
