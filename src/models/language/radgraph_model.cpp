#include "models/language/radgraph_model.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "base/error.h"

namespace hilum {
namespace {

constexpr int64_t kPairsAtOnce = 1024;  // rows of 3 F floats

Tensor relu(Tensor x) {  // host, of its own
  for (float& value : x.values()) value = std::max(value, 0.0f);
  return x;
}

// The greatest score above the null label's 0, or -1.
int best_label(const float* scores, int64_t count) {
  const float* best = std::max_element(scores, scores + count);
  return *best > 0 ? static_cast<int>(best - scores) : -1;
}

}  // namespace

FeedForward::FeedForward(const std::string& name, int64_t in, int64_t hidden)
    : first_(name + "0", in, hidden, true), second_(name + "1", hidden, hidden, true) {}

Tensor FeedForward::forward(Ops& ops, const Tensor& x) const {
  const Tensor h = relu(ops.to_host(first_.forward(ops, ops.from_host(x))));
  return relu(ops.to_host(second_.forward(ops, ops.from_host(h))));
}

void FeedForward::params(ParamList& list) {
  first_.params(list);
  second_.params(list);
}

RadGraphModel::RadGraphModel(const RadGraphConfig& c)
    : config_(c),
      bert_(c.bert, "bert."),
      entity_("entity.", 2 * c.bert.width + c.length_width, c.hidden),
      mention_("mention.", 2 * c.bert.width + c.length_width, c.hidden),
      pair_("pair.", 3 * (2 * c.bert.width + c.length_width), c.hidden),
      entity_out_("entity_out", c.hidden, static_cast<int64_t>(c.entity_labels.size()), true),
      mention_out_("mention_out", c.hidden, 1, true),
      relation_out_("relation_out", c.hidden, static_cast<int64_t>(c.relation_labels.size()), true) {
  lengths_.declare("span_lengths.weight", {c.max_span, c.length_width});
}

Tensor RadGraphModel::word_vectors(Ops& ops, const RadGraphInput& report) const {
  // Pieces in segments, each between [CLS] and [SEP]; where each piece's row is in the run.
  std::vector<std::vector<int32_t>> segments;
  std::vector<int64_t> row_of;
  int64_t rows = 0;
  const size_t room = static_cast<size_t>(config_.max_pieces) - 2;
  for (const auto& word : report.pieces)
    for (const int32_t piece : word) {
      if (segments.empty() || segments.back().size() == room + 1) {
        segments.push_back({report.cls});
        rows += segments.size() == 1 ? 1 : 2;
      }
      segments.back().push_back(piece);
      row_of.push_back(rows++);
    }
  const int64_t d = config_.bert.width, words = static_cast<int64_t>(report.pieces.size());
  Tensor vectors = Tensor::host({words, d});
  std::ranges::fill(vectors.values(), 0.0f);  // what a word of no pieces is
  if (segments.empty()) return vectors;
  for (auto& segment : segments) segment.push_back(report.sep);
  const Tensor hidden = ops.to_host(bert_.hidden_states(ops, TextBatch::of(segments)).back());  // [R, D]
  size_t at = 0;
  for (int64_t w = 0; w < words; ++w) {
    float* out = vectors.f32() + w * d;
    const auto& pieces = report.pieces[static_cast<size_t>(w)];
    for (size_t p = 0; p < pieces.size(); ++p, ++at)
      for (int64_t j = 0; j < d; ++j) out[j] += hidden.f32()[row_of[at] * d + j] / static_cast<float>(pieces.size());
  }
  return vectors;
}

Tensor RadGraphModel::relation_scores(
    Ops& ops, const Tensor& spans, const std::vector<int32_t>& kept, const Tensor& mentions) const {
  const int64_t f = spans.dim(1), n = static_cast<int64_t>(kept.size()),
                labels = static_cast<int64_t>(config_.relation_labels.size());
  Tensor scores = Tensor::host({n * n, labels});
  for (int64_t first = 0; first < n * n; first += kPairsAtOnce) {
    const int64_t count = std::min(kPairsAtOnce, n * n - first);
    Tensor pairs = Tensor::host({count, 3 * f});  // [a ; b ; a · b]
    for (int64_t i = 0; i < count; ++i) {
      const float *a = spans.f32() + kept[static_cast<size_t>((first + i) / n)] * f,
                  *b = spans.f32() + kept[static_cast<size_t>((first + i) % n)] * f;
      float* row = pairs.f32() + i * 3 * f;
      for (int64_t j = 0; j < f; ++j) {
        row[j] = a[j];
        row[f + j] = b[j];
        row[2 * f + j] = a[j] * b[j];
      }
    }
    const Tensor out = ops.to_host(relation_out_.forward(ops, ops.from_host(pair_.forward(ops, pairs))));
    for (int64_t i = 0; i < count; ++i) {
      const float both = mentions.f32()[kept[static_cast<size_t>((first + i) / n)]] +
                         mentions.f32()[kept[static_cast<size_t>((first + i) % n)]];
      for (int64_t j = 0; j < labels; ++j) scores.f32()[(first + i) * labels + j] = out.f32()[i * labels + j] + both;
    }
  }
  return scores;
}

RadGraphOutput RadGraphModel::read(Ops& ops, const RadGraphInput& report) const {
  RadGraphOutput out;
  const int64_t words = static_cast<int64_t>(report.pieces.size()), d = config_.bert.width,
                f = 2 * d + config_.length_width;
  if (words == 0) return out;
  const Tensor vectors = word_vectors(ops, report);  // [T, D]
  ops.tag(ops.from_host(vectors), "word_vectors");
  std::vector<std::pair<int, int>> places;  // [S] first and last word
  for (int start = 0; start < words; ++start)
    for (int end = start; end < std::min<int64_t>(words, start + config_.max_span); ++end)
      places.emplace_back(start, end);
  const Tensor lengths = ops.to_host(ops.parameter(lengths_));            // [max_span, length_width]
  Tensor spans = Tensor::host({static_cast<int64_t>(places.size()), f});  // [S, F]
  for (size_t i = 0; i < places.size(); ++i) {
    float* row = spans.f32() + static_cast<int64_t>(i) * f;
    const auto [start, end] = places[i];
    std::memcpy(row, vectors.f32() + start * d, static_cast<size_t>(d) * sizeof(float));
    std::memcpy(row + d, vectors.f32() + end * d, static_cast<size_t>(d) * sizeof(float));
    std::memcpy(row + 2 * d, lengths.f32() + (end - start) * config_.length_width,
        static_cast<size_t>(config_.length_width) * sizeof(float));
  }
  const Tensor entities =
      ops.to_host(ops.tag(entity_out_.forward(ops, ops.from_host(entity_.forward(ops, spans))), "entity_scores"));
  const Tensor mentions =
      ops.to_host(ops.tag(mention_out_.forward(ops, ops.from_host(mention_.forward(ops, spans))), "mention_scores"));

  std::vector<int64_t> entity_of(places.size(), -1);
  for (size_t i = 0; i < places.size(); ++i) {
    const int label = best_label(entities.f32() + static_cast<int64_t>(i) * entities.dim(1), entities.dim(1));
    if (label < 0) continue;
    entity_of[i] = static_cast<int64_t>(out.entities.size());
    out.entities.push_back({places[i].first, places[i].second, label});
  }

  // The spans most likely to be mentions, back in their order.
  const size_t wanted =
      std::min(places.size(), static_cast<size_t>(std::ceil(config_.spans_per_word * static_cast<double>(words))));
  std::vector<int32_t> kept(places.size());
  std::iota(kept.begin(), kept.end(), 0);
  std::stable_sort(
      kept.begin(), kept.end(), [&](int32_t a, int32_t b) { return mentions.f32()[a] > mentions.f32()[b]; });
  kept.resize(wanted);
  std::sort(kept.begin(), kept.end());
  const Tensor scores = relation_scores(ops, spans, kept, mentions);  // [kept², labels]
  ops.tag(ops.from_host(scores), "relation_scores");
  for (size_t a = 0; a < kept.size(); ++a)
    for (size_t b = 0; b < kept.size(); ++b) {
      const int label =
          best_label(scores.f32() + static_cast<int64_t>(a * kept.size() + b) * scores.dim(1), scores.dim(1));
      const int64_t subject = entity_of[static_cast<size_t>(kept[a])], object = entity_of[static_cast<size_t>(kept[b])];
      if (label >= 0 && subject >= 0 && object >= 0)
        out.relations.push_back({static_cast<size_t>(subject), static_cast<size_t>(object), label});
    }
  return out;
}

void RadGraphModel::params(ParamList& list) {
  bert_.params(list);
  list.push_back(&lengths_);
  entity_.params(list);
  entity_out_.params(list);
  mention_.params(list);
  mention_out_.params(list);
  pair_.params(list);
  relation_out_.params(list);
}

}  // namespace hilum
