#include "engine/feature_distance.h"

#include "tensor/safetensors.h"

namespace hilum {

FeatureStats load_feature_stats(const std::filesystem::path& file) {
  const SafetensorsFile stored(file);
  const auto values = [&](const char* name) {
    const Tensor tensor = to_f32(stored.tensor(name));
    return std::vector<float>(tensor.values().begin(), tensor.values().end());
  };
  FeatureStats stats{values("mean"), values("whiten"), 0};
  const std::vector<float> threshold = values("threshold");
  if (stats.mean.empty() || stats.whiten.size() != stats.mean.size() * stats.mean.size() || threshold.size() != 1)
    throw Error(
        file.string(), "mean, whiten and threshold do not fit together", "Use the file that came with this model.");
  stats.threshold = threshold[0];
  return stats;
}

}  // namespace hilum
