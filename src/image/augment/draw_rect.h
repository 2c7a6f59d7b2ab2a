// The rectangles that augmentations draw, by torchvision's rules: what part of the area, which proportions, where.
#pragma once

#include <optional>

#include "base/rng.h"
#include "image/image.h"
#include "image/resample.h"

namespace hilum {

// A part of a picture, px.
struct PixelRect {
  int left = 0, top = 0, width = 0, height = 0;
  bool operator==(const PixelRect&) const = default;
};

// What a number is drawn from, both ends meant.
struct DrawRange {
  double low = 0, high = 1;
};

// One try: the part of the picture's area, 0..1, and the proportions, drawn evenly in their logarithm.
struct AreaDraw {
  double area = 1, ratio = 1;
};
AreaDraw draw_area(const DrawRange& area, const DrawRange& ratio, Rng& rng);

// The size of the try's rectangle in a picture of width x height px, each side rounded half to even; left and top 0.
// `ratio` is width / height; no value: larger than the picture, or without pixels (RandomResizedCrop.get_params).
std::optional<PixelRect> crop_size(int width, int height, const AreaDraw& draw);
// `ratio` is height / width; no value: as high or as wide as the picture (RandomErasing.get_params).
std::optional<PixelRect> erased_size(int width, int height, const AreaDraw& draw);
// Where ten tries failed: the whole picture, cut in its middle to the nearest allowed ratio.
PixelRect fallback_crop(int width, int height, const DrawRange& ratio);

// Ten tries, then the fallback. Every place where the rectangle fits is as likely.
PixelRect draw_crop(int width, int height, const DrawRange& area, const DrawRange& ratio, Rng& rng);
// Ten tries, then none.
std::optional<PixelRect> draw_erased(int width, int height, const DrawRange& area, const DrawRange& ratio, Rng& rng);

// The rectangle alone, resized: nothing around it counts (torchvision's resized_crop of a Pillow picture).
Image resized_crop(const Image& image, const PixelRect& rect, int width, int height, Resample filter);

}  // namespace hilum
