// Pixels of samples on their way to an encoder.
#pragma once

#include <span>

#include "models/vision/vit.h"
#include "tensor/tensor.h"
#include "train/objectives/train_sample.h"

namespace hilum {

// The pictures of the samples as one host tensor [N, C, H, W]; `first_only`: the frontal film of each alone.
Tensor stack_pixels(const VitConfig& config, std::span<const TrainSample> samples, bool first_only = false);

}  // namespace hilum
