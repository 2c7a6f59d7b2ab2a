// How far an image is from those a model was trained on: the Mahalanobis distance of its mean-pooled encoder features
// (Lee et al., 2018, "A simple unified framework for detecting out-of-distribution samples", one class).
#pragma once

#include <cmath>
#include <filesystem>
#include <span>
#include <vector>

#include "base/error.h"

namespace hilum {

// As saved in feature_stats.safetensors: mean [D], whiten [D, D] (lower triangle: rows times a centred feature have
// unit covariance), threshold [1] (a percentile of the distance over held-out training images).
struct FeatureStats {
  std::vector<float> mean, whiten;
  float threshold = 0;
};

// features [P, D] of one image, row by row -> their mean [D].
inline std::vector<float> mean_pooled(std::span<const float> features, size_t width) {
  invariant(width > 0 && features.size() % width == 0 && !features.empty(), "features in rows of the width");
  std::vector<double> sum(width, 0);
  for (size_t i = 0; i < features.size(); ++i) sum[i % width] += features[i];
  std::vector<float> mean(width);
  for (size_t i = 0; i < width; ++i)
    mean[i] = static_cast<float>(sum[i] * static_cast<double>(width) / static_cast<double>(features.size()));
  return mean;
}

// ‖whiten · (feature - mean)‖ for a pooled feature [D]; above `threshold` the image is far from the training images.
inline double feature_distance(const FeatureStats& stats, std::span<const float> feature) {
  const size_t d = stats.mean.size();
  invariant(feature.size() == d && stats.whiten.size() == d * d, "a feature of the statistics' width");
  double sum = 0;
  for (size_t row = 0; row < d; ++row) {
    double value = 0;
    for (size_t i = 0; i < d; ++i)
      value += double{stats.whiten[row * d + i]} * (double{feature[i]} - double{stats.mean[i]});
    sum += value * value;
  }
  return std::sqrt(sum);
}

// Reads feature_stats.safetensors. Throws Error naming file and tensor for what is missing or does not fit together.
FeatureStats load_feature_stats(const std::filesystem::path& file);

}  // namespace hilum
