#include "engine/embed/adapter.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/file.h"
#include "kernels/select.h"
#include "search/top_k.h"

namespace hilum {
namespace {

std::vector<float> layer_output(const KernelTable& table, const Adapter::Layer& layer, std::span<const float> x) {
  std::vector<float> y(static_cast<size_t>(layer.weight.dim(0)));
  for (size_t i = 0; i < y.size(); ++i)
    y[i] = table.dot(layer.weight.f32() + i * x.size(), x.data(), static_cast<int64_t>(x.size())) + layer.bias.f32()[i];
  return y;
}

std::vector<double> neighbour_votes(
    const Adapter& adapter, const KernelTable& table, std::span<const float> embedding) {
  std::vector<float> unit(embedding.begin(), embedding.end());
  normalize_vector(unit);
  const auto width = static_cast<int64_t>(embedding.size());
  const VectorRows rows{
      adapter.vectors.data(), DType::kF32, static_cast<int64_t>(adapter.vectors.size()) / width, width};
  const size_t k = adapter.labels.size();
  std::vector<double> sum(k, 0), weight_sum(k, 0);
  const std::vector<Hit> hits = top_k(table, rows, unit, adapter.neighbours, 1).front();
  // From the vectors themselves: 2 - 2 cos loses in float what tells a row from its like. The rows that the embedding
  // is (to rounding) answer alone where they know, as in scikit-learn's weights = "distance": theirs has no end.
  constexpr double kSame = 1e-6;
  const auto distance_to = [&](const Hit& hit) {
    const float* row = adapter.vectors.data() + static_cast<size_t>(hit.row) * unit.size();
    double squares = 0;
    for (size_t j = 0; j < unit.size(); ++j) squares += (double{row[j]} - unit[j]) * (double{row[j]} - unit[j]);
    return std::sqrt(squares);
  };
  std::vector<double> distances;
  for (const Hit& hit : hits) distances.push_back(adapter.weighted ? distance_to(hit) : 1);
  for (size_t i = 0; i < k; ++i) {
    const auto target = [&](size_t h) { return adapter.targets[static_cast<size_t>(hits[h].row) * k + i]; };
    bool same = false;
    for (size_t h = 0; h < hits.size(); ++h) same = same || (distances[h] < kSame && !std::isnan(target(h)));
    for (size_t h = 0; h < hits.size(); ++h) {
      if (std::isnan(target(h)) || (same && distances[h] >= kSame)) continue;
      const double weight = same || !adapter.weighted ? 1 : 1 / std::max(distances[h], kSame);
      sum[i] += weight * target(h);
      weight_sum[i] += weight;
    }
  }
  for (size_t i = 0; i < k; ++i) sum[i] = weight_sum[i] > 0 ? sum[i] / weight_sum[i] : std::nan("");
  return sum;
}

}  // namespace

int64_t Adapter::width() const {
  if (kind == Kind::kKnn)
    return targets.empty() ? 0 : static_cast<int64_t>(vectors.size() * labels.size() / targets.size());
  return layers.front().weight.dim(1);
}

LabelScoresRow Adapter::scores(std::span<const float> embedding) const {
  invariant(static_cast<int64_t>(embedding.size()) == width(), "an embedding of the adapter's width");
  const KernelTable& table = select_kernel_table();
  LabelScoresRow row;
  if (kind == Kind::kKnn) {
    const std::vector<double> votes = neighbour_votes(*this, table, embedding);
    for (size_t i = 0; i < labels.size(); ++i) row.emplace_back(labels[i], votes[i]);
    return row;
  }
  std::vector<float> x(embedding.begin(), embedding.end());
  for (size_t i = 0; i < mean.size(); ++i) x[i] = (x[i] - mean[i]) / scale[i];
  for (size_t i = 0; i < layers.size(); ++i) {
    if (i > 0) table.gelu(x.data(), x.data(), static_cast<int64_t>(x.size()));
    x = layer_output(table, layers[i], x);
  }
  if (output == Output::kExclusive) table.softmax(x.data(), x.data(), static_cast<int64_t>(x.size()));
  for (size_t i = 0; i < labels.size(); ++i)
    row.emplace_back(labels[i], output == Output::kIndependent ? 1 / (1 + std::exp(-double{x[i]})) : double{x[i]});
  return row;
}

void check_adapter(const Adapter& adapter, const Embedder& model, const std::string& where) {
  const EmbedderInfo& embedder = model.info();
  const bool renamed =
      !adapter.model.empty() && adapter.model != embedder.name;  // also where pictures are prepared in another way
  const bool other = !adapter.weights_sha256.empty() && adapter.weights_sha256 != model.weights_sha256();
  if (adapter.width() == embedder.width && !other && !renamed) return;
  throw Error(where,
      "was trained on embeddings of " + (adapter.model.empty() ? "a model" : adapter.model) + " (width " +
          std::to_string(adapter.width()) + "), the model is " + embedder.name + " (" + std::to_string(embedder.width) +
          (other ? ", other weights" : "") + ")",
      "Name that model with --model, or train the adapter again.");
}

}  // namespace hilum
