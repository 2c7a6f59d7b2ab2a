// Causal language model of the Llama family: RMSNorm, rotary positions (rotate-half), grouped-query attention,
// SiLU-gated MLP. Source: Touvron et al. 2023; transformers LlamaForCausalLM, whose parameter names these are. Phi-3
// (Abdin et al. 2024; Phi3ForCausalLM) is the same with query, key and value in one matrix, gate and up in another, a
// window of attention and "longrope" positions. R rows (tokens of all sequences), D width, V vocabulary.
#pragma once

#include <deque>
#include <optional>
#include <span>
#include <string>

#include "base/json.h"
#include "nn/attention.h"
#include "nn/mlp.h"
#include "nn/norm.h"

namespace hilum {

struct DecoderConfig {  // defaults: Vicuna-7B v1.5 as in MAIRA-2
  int vocab = 32207, width = 4096, depth = 32, mlp_width = 11008;
  int num_heads = 32, num_kv_heads = 32, head_dim = 128;
  float norm_eps = 1e-5f;
  float rope_theta = 10000.0f, rope_factor = 1.5f;  // "linear" scaling; 1 is none
  std::vector<float> short_factors, long_factors;   // "longrope" scaling (RopeConfig); empty: none
  int64_t short_context = 0;                        // positions up to which the first of them hold
  float rope_magnitude = 1;
  int64_t window = 0;      // positions a row sees, 0: all
  bool packed = false;     // qkv_proj and gate_up_proj (Phi-3)
  int64_t context = 6144;  // positions it was made for
  bool qkv_bias = false, output_bias = false, mlp_bias = false;
  bool tied_embeddings = false;  // logits from the embedding table
};

// From a Hugging Face text config (model_type "llama" or "phi3"); absent keys take LlamaConfig's or Phi3Config's
// defaults. context = max_position_embeddings x the linear factor. Throws Error(where, ...), by name, for what is not
// known here.
DecoderConfig decoder_config_from_json(const Json& text, const std::string& where);

class DecoderLayer {
 public:
  DecoderLayer(const std::string& prefix, const DecoderConfig& config, int index);
  // x [R, D] -> [R, D]. Tags: "attn_out", "layer_out".
  Tensor forward(Ops& ops, const Tensor& x, const BatchPlan& plan) const;
  void params(ParamList& list);

 private:
  int index_;
  SelfAttention attention_;
  GatedMlp mlp_;
  RmsNorm input_norm_, mlp_norm_;
};

class Decoder {
 public:
  Decoder(const DecoderConfig& config, const std::string& prefix);

  // ids [R] -> [R, D]. Tag: "tok_embed". Throws Error for an id outside the vocabulary.
  Tensor embed(Ops& ops, std::span<const int32_t> ids) const;
  // x [R, D] -> the rows after the last layer, not yet normalised [R, D]. With a cache, keys and values are appended.
  Tensor forward(Ops& ops, const Tensor& x, const RaggedBatch& batch, KvCache* cache) const;
  // The chosen rows of forward's result -> [rows, V]. Tags: "final_norm" [rows, D], "logits" [rows, V].
  Tensor logits(Ops& ops, const Tensor& hidden, std::span<const int32_t> rows) const;

  // A cache for `slots` sequences of at most `capacity` positions each.
  std::unique_ptr<KvCache> make_cache(Ops& ops, int64_t slots, int64_t capacity) const;

  void params(ParamList& list);  // in the order of the published file
  const DecoderConfig& config() const { return config_; }

 private:
  DecoderConfig config_;
  Param embed_tokens_;  // [V, D]
  std::deque<DecoderLayer> layers_;
  RmsNorm norm_;
  std::optional<Linear> lm_head_;  // none when tied
};

}  // namespace hilum
