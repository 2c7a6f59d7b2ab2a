// Random Erasing (Zhong et al., AAAI 2020) by torchvision's rules: a rectangle of the normalised planes is overwritten.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/rng.h"
#include "image/augment/draw_rect.h"

namespace hilum {

// Defaults: torchvision's, but for the probability, which is 0.5 there.
struct RandomErasing {
  double probability = 0.25;
  DrawRange area{0.02, 0.33};  // part of the picture's area
  DrawRange ratio{0.3, 3.3};   // height / width
  bool noise = false;  // standard normal numbers (timm's mode "pixel", torchvision's value "random"); else `value`
  float value = 0;     // of the normalised planes: 0 is the mean grey
};

// What was drawn for one picture.
struct ErasedRect {
  PixelRect rect;
  std::vector<float> noise;  // [C, rect.height, rect.width]; empty: `value` everywhere
  float value = 0;
};

// No value: nothing is erased, by chance or because ten tries did not fit.
std::optional<ErasedRect> draw_random_erasing(
    const RandomErasing& erasing, int channels, int width, int height, Rng& rng);
// `planes`: [C, height, width].
void erase(std::span<float> planes, int channels, int width, int height, const ErasedRect& erased);

}  // namespace hilum
