// How far an image's encoder features are from those of the images a model was trained on: the Mahalanobis distance of the
// mean-pooled features, against the 99.5th percentile of held-out training phantoms (DESIGN section 1, "Honesty at the edges").
#pragma once

#include <filesystem>
#include <vector>

#include "tensor/tensor.h"

namespace hilum {

class FeatureDistance {
 public:
  // mean [D]; whiten [D, D] with whiten·(x - mean) of unit covariance on the training images; threshold: distances above it are far.
  FeatureDistance(std::vector<float> mean, std::vector<float> whiten, double threshold);
  // Reads feature_stats.safetensors (names: mean, whiten, threshold). Throws Error naming file and tensor.
  static FeatureDistance load(const std::filesystem::path& file);
  void save(const std::filesystem::path& file) const;

  // features [P, D] of one image (host F32) -> distance of their mean.
  double distance(const Tensor& features) const;
  bool is_far(const Tensor& features) const { return !(distance(features) <= threshold_); }
  double threshold() const { return threshold_; }

 private:
  std::vector<float> mean_, whiten_;
  double threshold_;
};

}  // namespace hilum
