// What a training recipe draws for each picture.
#pragma once

#include <optional>
#include <string>

#include "image/augment/draw_rect.h"
#include "image/augment/random_erasing.h"
#include "image/resample.h"

namespace hilum {

// A part of the picture, resized to the model's size; it takes the place of the steps that resize and crop.
// Defaults: torchvision's ratio, and the filter of both published recipes.
struct RandomResizedCrop {
  DrawRange area{0.08, 1};            // part of the picture's area
  DrawRange ratio{3.0 / 4, 4.0 / 3};  // width / height
  Resample resample = Resample::kBicubic;
};

// In the order in which they run: crop, TrivialAugmentWide, then rescale and normalise, then erasing. Nothing set:
// every sample is what inference sees. Flips are not among them, for a side of the body means something.
struct AugmentConfig {
  std::optional<RandomResizedCrop> crop;
  bool trivial_augment = false;
  std::optional<RandomErasing> erasing;
};

// "none"; "blip2_image_train" (XrayGPT: crop of area 0.5 to 1); "medimageinsight" (tuning: crop of area 0.8 to 1,
// TrivialAugmentWide, erasing with probability 0.25 of area 0.02 to 0.33; ratio and value of the erasing are not
// published: torchvision's defaults). Throws Error for another name.
AugmentConfig augment_from_name(const std::string& name);

// Throws Error for ranges that hold nothing and, where boxes are trained (`with_boxes`), for TrivialAugmentWide, whose
// shears, shifts and turns boxes do not follow. Boxes follow a crop.
void check_augment(const AugmentConfig& config, bool with_boxes);

}  // namespace hilum
