#include "engine/feature_distance.h"

#include <cmath>

#include "base/error.h"
#include "tensor/safetensors.h"

namespace hilum {

FeatureDistance::FeatureDistance(std::vector<float> mean, std::vector<float> whiten, double threshold)
    : mean_(std::move(mean)), whiten_(std::move(whiten)), threshold_(threshold) {
  invariant(whiten_.size() == mean_.size() * mean_.size(), "a square whitening matrix of the features' width");
}

FeatureDistance FeatureDistance::load(const std::filesystem::path& file) {
  const SafetensorsFile stored(file);
  const auto values = [&](const char* name, int rank) {
    const Tensor tensor = to_f32(stored.tensor(name));
    if (tensor.shape().rank() != rank)
      throw Error(file.string() + ": tensor \"" + name + "\"", "has shape " + tensor.shape().text(), "Use the file that came with this model.");
    return std::vector<float>(tensor.values().begin(), tensor.values().end());
  };
  std::vector<float> mean = values("mean", 1), whiten = values("whiten", 2);
  const std::vector<float> threshold = values("threshold", 1);
  if (mean.empty() || whiten.size() != mean.size() * mean.size() || threshold.size() != 1)
    throw Error(file.string(), "mean, whiten and threshold do not fit together", "Use the file that came with this model.");
  return {std::move(mean), std::move(whiten), threshold[0]};
}

void FeatureDistance::save(const std::filesystem::path& file) const {
  const auto width = static_cast<int64_t>(mean_.size());
  const std::vector<float> threshold{static_cast<float>(threshold_)};
  const std::vector<NamedTensor> tensors{{"mean", Tensor::host({width}, std::span<const float>(mean_))},
                                         {"whiten", Tensor::host({width, width}, std::span<const float>(whiten_))},
                                         {"threshold", Tensor::host({1}, std::span<const float>(threshold))}};
  write_safetensors(file, tensors);
}

double FeatureDistance::distance(const Tensor& features) const {
  const auto width = static_cast<int64_t>(mean_.size());
  invariant(features.shape()[-1] == width, "features of the width the statistics were taken of");
  const int64_t rows = features.shape().rows();
  std::vector<double> centred(mean_.size(), 0.0);  // mean over the patches, minus the training mean
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t d = 0; d < width; ++d) centred[static_cast<size_t>(d)] += features.f32()[r * width + d];
  for (int64_t d = 0; d < width; ++d) centred[static_cast<size_t>(d)] = centred[static_cast<size_t>(d)] / static_cast<double>(rows) - mean_[static_cast<size_t>(d)];
  double squares = 0;
  for (int64_t i = 0; i < width; ++i) {
    double sum = 0;
    for (int64_t d = 0; d < width; ++d) sum += whiten_[static_cast<size_t>(i * width + d)] * centred[static_cast<size_t>(d)];
    squares += sum * sum;
  }
  return std::sqrt(squares);
}

}  // namespace hilum
