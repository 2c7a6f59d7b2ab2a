// Pillow's antialiased resampling of 8-bit pictures, bit for bit.
#pragma once

#include <cstdint>
#include <string>

#include "image/image.h"

namespace hilum {

enum class Resample { kBox, kBilinear, kBicubic, kLanczos, kNearest };

// "nearest", "box", "bilinear", "bicubic", "lanczos"; throws Error for another name.
Resample resample_from_name(const std::string& name);
const char* resample_name(Resample filter);
// By the number in preprocessor_config.json (PIL's enumeration: 0 nearest, 1 Lanczos, 2 bilinear, 3 bicubic, 4 box).
// Throws Error otherwise.
Resample resample_from_pillow(int number);

// A part of the resized picture, px.
struct ResizeWindow {
  int64_t left = 0, top = 0;
  int width = 0, height = 0;
};

// The part `window` of `image` (8 bit, 1 or 3 channels) resized to width x height. Only what the window needs is
// computed, so that a picture of extreme proportions costs no more than another. The result equals Image.resize((width,
// height), filter) of Pillow 9 and later, cropped: two passes, horizontal then vertical, each skipped where that size
// does not change; 22-bit fixed-point weights; 8-bit values between the passes. Nearest takes one sample each.
Image resize(const Image& image, int64_t width, int64_t height, Resample filter, const ResizeWindow& window);
// The same of a picture with alpha8, as Pillow resizes modes RGBA and LA: colours are weighed by their opacity.
// Nearest, and a size that does not change, leave them as they are. The result has no alpha.
Image resize_with_alpha(const Image& image, int64_t width, int64_t height, Resample filter, const ResizeWindow& window);
// The whole of it.
Image resize(const Image& image, int width, int height, Resample filter);

}  // namespace hilum
