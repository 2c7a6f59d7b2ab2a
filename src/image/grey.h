// The grey level of a picture: colour to grey, 16 bit to 8 bit, stretching. Each step as the reference pipeline has it
// or, where it has none, as documented here.
#pragma once

#include <string>

#include "image/image.h"

namespace hilum {

// RGB -> one channel of the same depth: (19595 R + 38470 G + 7471 B + 32768) >> 16, the weights of Pillow's mode "L".
// A grey picture is copied.
Image to_grey(const Image& image);

// 16 bit -> 8 bit, our own step (the reference would clip all values to 255): linear from the picture's smallest and
// largest value to 0..255, rounded half up, so that 12-bit values stored in 16 bits keep their contrast. `step` says
// what was done. An 8-bit picture is copied and `step` stays empty.
Image to_8_bit(const Image& image, std::string& step);

// True when every sample has one value.
bool is_constant(const Image& image);

// Min-max stretch of an 8-bit grey picture in double: v -= min; v /= max of that; v *= 255; truncated (MAIRA-2's
// processor: three operations in this order). Throws Error for a constant picture, where the reference divides 0 by 0.
Image stretch_min_max(const Image& image, const std::string& where);

}  // namespace hilum
