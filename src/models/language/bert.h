// BERT, an encoder of texts with the norm behind each half of a layer.
// Source: Devlin et al. 2019; transformers BertModel, whose parameter names these are. Texts are rows of a ragged
// batch: there is no padding and no mask, and a text's result never depends on its neighbours. Every token is of type
// 0. N texts, R rows (tokens of all texts), D width.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "nn/attention.h"
#include "nn/mlp.h"
#include "nn/norm.h"
#include "nn/tower.h"

namespace hilum {

struct BertConfig {  // defaults: BERT-base, uncased
  int vocab = 30522, width = 768, depth = 12, num_heads = 12, mlp_width = 3072;
  int positions = 512, token_types = 2;
  float norm_eps = 1e-12f;
  Activation activation = Activation::kGelu;
  bool has_pooler = false;  // the file holds a pooler, which nothing here uses
};

// transformers BertConfig's words, and add_pooling_layer. Absent keys take its defaults.
BertConfig bert_config_from_json(const Json& config, const std::string& where);

class BertLayer {
 public:
  BertLayer(const std::string& prefix, const BertConfig& config);
  Tensor forward(Ops& ops, const Tensor& x, const BatchPlan& plan) const;  // [R, D] -> [R, D]
  void params(ParamList& list);

 private:
  SelfAttention attention_;
  LayerNorm attention_norm_;
  Mlp mlp_;
  LayerNorm mlp_norm_;
};

class Bert {
 public:
  Bert(const BertConfig& config, const std::string& prefix);

  // What enters the first layer and what leaves each: depth + 1 tensors [R, D]. Throws Error for an id outside the
  // vocabulary and for a text longer than its positions. Tags: "text_embeddings", "text_block" per layer.
  std::vector<Tensor> hidden_states(Ops& ops, const TextBatch& texts) const;

  void params(ParamList& list);  // in the order of the published file
  std::vector<UnusedTensor> unused_tensors() const;
  const BertConfig& config() const { return config_; }

 private:
  Tensor embed(Ops& ops, const TextBatch& texts) const;

  BertConfig config_;
  std::string prefix_;
  Param words_, positions_, token_types_;  // [V, D], [P, D], [2, D]
  LayerNorm embedding_norm_;
  std::deque<BertLayer> layers_;
};

// How hidden states become one vector: their first rows ("class") or the mean of all rows ("mean"), averaged over
// `layers`.
struct BertPooling {
  bool class_token = true;
  std::vector<int> layers;  // indices into hidden_states
};

class BertTower final : public TextTower {
 public:
  BertTower(const BertConfig& config, BertPooling pooling, const std::string& prefix)
      : bert_(config, prefix), pooling_(std::move(pooling)) {}

  Tensor forward(Ops& ops, const TextBatch& texts) const override;
  void params(ParamList& list) override { bert_.params(list); }
  std::vector<UnusedTensor> unused_tensors() const override { return bert_.unused_tensors(); }
  int64_t width() const override { return bert_.config().width; }
  int64_t vocab() const override { return bert_.config().vocab; }
  int64_t context() const override { return bert_.config().positions; }
  std::string summary() const override;

 private:
  Bert bert_;
  BertPooling pooling_;
};

// Kind "bert". Its config: bert_config_from_json's, and pool_layers: hidden states to average, 0 before the first
// layer, -1 after the last (absent: the last alone). Pooling "class" or "mean".
std::unique_ptr<TextTower> make_bert(const TowerSource& source);

}  // namespace hilum
