// RadGraph's network (DyGIE++): BERT's word vectors, every short span of words scored for entities, pairs of the best
// spans for relations. Source: Wadden et al. 2019; Jain et al. 2021 (RadGraph); allennlp's names; evaluation sheet,
// section 3. T words of one report, S spans, D encoder width, F = 2 D + width of the span's length.
#pragma once

#include <deque>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/files/preset.h"
#include "models/language/bert.h"
#include "nn/linear.h"

namespace hilum {

struct RadGraphConfig {  // defaults: DyGIE++'s
  BertConfig bert;
  int max_span = 8;       // words
  int length_width = 20;  // of the vector that stands for a span's length
  int hidden = 150;
  double spans_per_word = 0.5;  // how many spans relations are looked for between
  int max_pieces = 512;         // with [CLS] and [SEP]; longer reports are cut into segments of their own
  std::vector<std::string> entity_labels, relation_labels;  // without the null label
};

// A report's words as pieces of the encoder's vocabulary.
struct RadGraphInput {
  std::vector<std::vector<int32_t>> pieces;  // [T] of each word, without special tokens
  int32_t cls = 101, sep = 102;
};

struct RadGraphSpan {
  int start = 0, end = 0;  // first and last word
  int label = 0;           // of entity_labels
};
struct RadGraphRelation {
  size_t subject = 0, object = 0;  // indices into the spans
  int label = 0;                   // of relation_labels
};
struct RadGraphOutput {
  std::vector<RadGraphSpan> entities;       // by start, then end; they may overlap
  std::vector<RadGraphRelation> relations;  // between entities alone
};

// linear, ReLU, linear, ReLU
class FeedForward {
 public:
  // Declares "<name>0.weight" [hidden, in], "<name>1.weight" [hidden, hidden] and their biases.
  FeedForward(const std::string& name, int64_t in, int64_t hidden);
  Tensor forward(Ops& ops, const Tensor& x) const;  // host [N, in] -> host [N, hidden]
  void params(ParamList& list);

 private:
  Linear first_, second_;
};

class RadGraphModel {
 public:
  explicit RadGraphModel(const RadGraphConfig& config);

  // Throws Error for a piece outside the vocabulary. Tags beside BERT's: "word_vectors" [T, D], "entity_scores" [S,
  // entity labels], "mention_scores" [S, 1], "relation_scores" [kept², relation labels] (subject by subject).
  RadGraphOutput read(Ops& ops, const RadGraphInput& report) const;
  void params(ParamList& list);
  const RadGraphConfig& config() const { return config_; }

 private:
  Tensor word_vectors(Ops& ops, const RadGraphInput& report) const;  // host [T, D]
  Tensor relation_scores(Ops& ops, const Tensor& spans, const std::vector<int32_t>& kept, const Tensor& mentions) const;

  RadGraphConfig config_;
  Bert bert_;
  Param lengths_;  // [max_span, length_width]
  FeedForward entity_, mention_, pair_;
  Linear entity_out_, mention_out_, relation_out_;
};

struct LoadedRadGraph {
  std::unique_ptr<RadGraphModel> model;
  std::string name;  // the data set it was trained on, as its tensors spell it: "radgraph", "radgraph-xl", "None"
};
// A folder with weights.th, config.json and vocabulary/ as published. Sizes are those of its tensors; config.json gives
// the span lengths, spans per word and segment length where it says them, and BERT's heads, where they are not 64 wide,
// in "bert". Throws Error naming what does not fit.
LoadedRadGraph load_radgraph(const std::filesystem::path& folder);

}  // namespace hilum
