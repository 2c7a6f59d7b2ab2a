// BLIP-2's querying transformer: a fixed number of learned queries read an image's features and hand on as many rows.
// Source: Li et al. 2023 (BLIP-2); transformers Blip2QFormerModel; parameter names are those of the original files, as
// XrayGPT has them. N images, P features an image of width C, Q queries of width D.
#pragma once

#include <deque>
#include <optional>
#include <string>

#include "base/json.h"
#include "nn/attention.h"
#include "nn/cross_attention.h"
#include "nn/mlp.h"
#include "nn/norm.h"

namespace hilum {

struct QFormerConfig {  // defaults: XrayGPT
  int features = 1408;  // C
  int queries = 32, width = 768, depth = 12, num_heads = 12, mlp_width = 3072;
  int cross_every = 2;  // layers 0, 2, 4, ... look at the image
  float norm_eps = 1e-12f, feature_norm_eps = 1e-5f;
};

// In the words of transformers' Blip2QFormerConfig (hidden_size, num_hidden_layers, num_attention_heads,
// intermediate_size, cross_attention_frequency, encoder_hidden_size, layer_norm_eps) with num_query_tokens. Absent keys
// take XrayGPT's values.
QFormerConfig qformer_config_from_json(const Json& config, const std::string& where);

class QFormerLayer {
 public:
  QFormerLayer(const std::string& prefix, const QFormerConfig& config, bool looks);
  // x [N*Q, D], image [N, P, C] -> [N*Q, D]
  Tensor forward(Ops& ops, const Tensor& x, const BatchPlan& queries, const Tensor& image) const;
  void params(ParamList& list);

 private:
  SelfAttention attention_;
  LayerNorm attention_norm_;
  std::optional<CrossAttention> cross_;
  std::optional<LayerNorm> cross_norm_;
  Mlp mlp_;
  LayerNorm mlp_norm_;
};

class QFormer {
 public:
  // Declares under `prefix`: "ln_vision", "query_tokens", "Qformer.bert.".
  QFormer(const QFormerConfig& config, const std::string& prefix);

  // features [N, P, C] as the encoder gives them -> [N, Q, D]. Tags: "vision_norm" [N, P, C], "query_block" per layer
  // [N*Q, D].
  Tensor forward(Ops& ops, const Tensor& features) const;
  void params(ParamList& list);
  const QFormerConfig& config() const { return config_; }

 private:
  QFormerConfig config_;
  LayerNorm vision_norm_, query_norm_;
  Param query_tokens_;  // [1, Q, D]
  std::deque<QFormerLayer> layers_;
};

}  // namespace hilum
