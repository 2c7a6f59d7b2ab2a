// Pre-norm text transformer with learned positions, read out at the end token: the text tower of CLIP (Radford et al.
// 2021) and of MedImageInsight. Published forms share one class; a table of names tells them apart.
//   open_clip     OpenAI's and open_clip's CLIP text model, MedImageInsight's lang_encoder: query, key and value in one
//   matrix. transformers  CLIPTextModel.
// N texts, R rows (tokens of all texts), D width.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "nn/attention.h"
#include "nn/mlp.h"
#include "nn/norm.h"
#include "nn/tower.h"

namespace hilum {

enum class TextForm { kOpenClip, kTransformers };

struct TextTransformerConfig {  // defaults: MedImageInsight
  TextForm form = TextForm::kOpenClip;
  int vocab = 49408, positions = 77, width = 1024, depth = 16, num_heads = 16, mlp_width = 4096;
  float norm_eps = 1e-12f;
  Activation activation = Activation::kQuickGelu;
  bool causal = false;  // CLIP's is
};

// Keys as transformers' CLIPTextConfig (vocab_size, max_position_embeddings, hidden_size, num_hidden_layers,
// num_attention_heads, intermediate_size, layer_norm_eps, hidden_act), and "causal" and "form" ("open_clip" or
// "transformers"). Absent keys take MedImageInsight's values.
TextTransformerConfig text_transformer_config_from_json(const Json& config, const std::string& where);

class TextBlock {
 public:
  TextBlock(const std::string& prefix, const TextTransformerConfig& config);
  Tensor forward(Ops& ops, const Tensor& x, const BatchPlan& plan) const;  // x [R, D] -> [R, D]
  void params(ParamList& list);

 private:
  SelfAttention attention_;
  LayerNorm norm1_, norm2_;
  Mlp mlp_;
};

class TextTransformer final : public TextTower {
 public:
  TextTransformer(const TextTransformerConfig& config, const std::string& prefix);

  // -> [N, D]: the final norm of each text's row with the greatest id (the first of them), which is the end token.
  // Tags: "text_embeddings", "text_block.<i>", [R, D].
  Tensor forward(Ops& ops, const TextBatch& texts) const override;
  void params(ParamList& list) override;  // in the order of the published file
  int64_t width() const override { return config_.width; }
  int64_t vocab() const override { return config_.vocab; }
  int64_t context() const override { return config_.positions; }
  std::string summary() const override;
  const TextTransformerConfig& config() const { return config_; }

 private:
  TextTransformerConfig config_;
  Param tokens_, positions_;  // [V, D], [positions, D]
  std::deque<TextBlock> blocks_;
  LayerNorm final_norm_;
};

std::unique_ptr<TextTower> make_text_transformer(const TowerSource& source);  // pooling "end"

// Throws Error(where, ...) for an id outside 0 .. vocab-1 and for a text of more than `context` tokens.
void check_texts(const TextBatch& texts, int64_t vocab, int64_t context, const char* where);

}  // namespace hilum
