// Single steps of published pipelines on 8-bit pictures, each bit-equal to Pillow.
#pragma once

#include <cstdint>
#include <string>

#include "image/image.h"

namespace hilum {

// Grey repeated to three channels; RGB is copied.
Image to_rgb(const Image& image);

// The picture in the middle of a square of `value`, its side max(width, height, min_side), offsets rounded down. Throws
// Error where the square would have more than 100 megapixels.
Image pad_square(const Image& image, int min_side, uint8_t value, const std::string& where);

// What MedImageInsight's Azure server does before its model's own steps: bicubic to side x side px in the picture's own
// channels, RGB, a JPEG round trip (baseline, 4:2:0, standard tables at `quality`, the slow integer transform). Returns
// RGB.
Image standardize(const Image& image, int side, int quality, const std::string& where);

}  // namespace hilum
