#include "train/objectives/pixels.h"

#include <algorithm>

#include "base/error.h"

namespace hilum {

Tensor stack_pixels(const VitConfig& config, std::span<const TrainSample> samples, bool first_only) {
  const int64_t size = int64_t{config.channels} * config.image_px * config.image_px;
  int64_t images = 0;
  for (const TrainSample& sample : samples) {
    invariant(static_cast<int64_t>(sample.pixels.size()) == sample.images * size, "pictures of the encoder's size");
    images += first_only ? 1 : sample.images;
  }
  Tensor host = Tensor::host({images, config.channels, config.image_px, config.image_px});
  float* to = host.f32();
  for (const TrainSample& sample : samples)
    to = std::copy_n(sample.pixels.begin(), (first_only ? 1 : sample.images) * size, to);
  return host;
}

}  // namespace hilum
