#include <cmath>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "models/files/config_reader.h"
#include "models/language/decoder.h"

namespace hilum {
namespace {

std::vector<float> factors(const ConfigReader& rope, const char* key, int wanted) {
  const std::vector<double> all = rope.reals(key);
  check(static_cast<int>(all.size()) == wanted, rope.where().c_str(),
      std::string(key) + " has " + std::to_string(all.size()) + " values, the heads have " + std::to_string(wanted) +
          " pairs");
  for (const double factor : all)
    check(factor > 0, rope.where().c_str(), std::string(key) + " holds a value that is not above 0");
  return {all.begin(), all.end()};
}

// "longrope", first published as "su". The magnitude makes up for positions standing closer: sqrt(1 + ln(stretch) /
// ln(original)).
void read_longrope(const ConfigReader& in, const ConfigReader& rope, DecoderConfig& c) {
  c.short_factors = factors(rope, "short_factor", c.head_dim / 2);
  c.long_factors = factors(rope, "long_factor", c.head_dim / 2);
  c.short_context = rope.integer("original_max_position_embeddings", in.integer("original_max_position_embeddings", 0));
  check(c.short_context > 1, rope.where().c_str(), "original_max_position_embeddings is missing or below 2");
  const double stretch =
      static_cast<double>(in.integer("max_position_embeddings", 0)) / static_cast<double>(c.short_context);
  const double magnitude =
      stretch > 1 ? std::sqrt(1 + std::log(stretch) / std::log(static_cast<double>(c.short_context))) : 1.0;
  c.rope_magnitude = rope.real("attention_factor", static_cast<float>(magnitude));
  check(c.rope_magnitude > 0, rope.where().c_str(), "attention_factor must be above 0");
}

// transformers 4: rope_theta beside rope_scaling {"type" or "rope_type", "factor", ...}; transformers 5: all inside
// rope_parameters.
void read_rope(const ConfigReader& in, DecoderConfig& c) {
  const ConfigReader rope = in.part(in.has("rope_parameters") ? "rope_parameters" : "rope_scaling");
  c.rope_theta = rope.real("rope_theta", in.real("rope_theta", 10000.0f));
  const std::string type = rope.text("rope_type", rope.text("type", "default"));
  if (type != "default" && type != "linear" && type != "longrope" && type != "su")
    throw Error(rope.where(), "rope type \"" + type + "\" is not known", "Known are default, linear and longrope.");
  c.rope_factor = type == "linear" ? rope.real("factor", 1.0f) : 1.0f;
  check(c.rope_factor > 0 && c.rope_theta > 0, rope.where().c_str(), "factor and theta must be above 0");
  check(rope.real("partial_rotary_factor", in.real("partial_rotary_factor", 1.0f)) == 1.0f, in.where().c_str(),
      "partial_rotary_factor other than 1 is not known");
  if (type == "longrope" || type == "su") read_longrope(in, rope, c);
}

}  // namespace

DecoderConfig decoder_config_from_json(const Json& text, const std::string& where) {
  const ConfigReader in(text, where);
  const std::string type = in.text("model_type", "llama");
  if (type != "llama" && type != "phi3")
    throw Error(where, "language model of model_type \"" + type + "\" is not known", "Known are llama and phi3.");
  const bool phi3 = type == "phi3";
  DecoderConfig c;  // defaults of transformers' LlamaConfig and Phi3Config
  c.vocab = in.integer("vocab_size", phi3 ? 32064 : 32000);
  c.width = in.integer("hidden_size", phi3 ? 3072 : 4096);
  c.depth = in.integer("num_hidden_layers", 32, 1000);
  c.mlp_width = in.integer("intermediate_size", phi3 ? 8192 : 11008);
  c.num_heads = in.integer("num_attention_heads", 32, 4096);
  c.num_kv_heads = in.integer("num_key_value_heads", c.num_heads, 4096);
  check(c.num_heads > 0, where.c_str(), "num_attention_heads is 0");
  c.head_dim = in.integer("head_dim", c.width / c.num_heads, 4096);
  c.norm_eps = in.real("rms_norm_eps", phi3 ? 1e-5f : 1e-6f);
  c.packed = phi3;
  c.window = phi3 ? in.integer("sliding_window", 0) : 0;
  c.qkv_bias = c.output_bias = in.flag("attention_bias", false);
  c.mlp_bias = in.flag("mlp_bias", false);
  c.tied_embeddings = in.flag("tie_word_embeddings", false);
  if (activation_from_name(in.text("hidden_act", "silu"), where) != Activation::kSilu)
    throw Error(where, "hidden_act \"" + in.text("hidden_act", "") + "\" is not known for this language model",
        "Known is silu.");
  read_rope(in, c);
  c.context =
      std::llround(static_cast<double>(in.integer("max_position_embeddings", phi3 ? 4096 : 2048)) * c.rope_factor);
  return c;
}

}  // namespace hilum
