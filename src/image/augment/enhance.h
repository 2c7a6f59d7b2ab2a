// Brightness, colour, contrast and sharpness of 8-bit pictures, bit for bit as Pillow's ImageEnhance changes them: a
// blend of the picture with one that lacks the property. Factor 0 is that picture, 1 the given one, above 1
// exaggerates.
#pragma once

#include "image/image.h"

namespace hilum {

Image adjust_brightness(const Image& image, double factor);  // 0: black
Image adjust_color(const Image& image, double factor);       // 0: grey
Image adjust_contrast(const Image& image, double factor);    // 0: the mean grey level everywhere
Image adjust_sharpness(const Image& image, double factor);   // 0: smoothed over 3 x 3 px (a picture below 3 px: kept)

}  // namespace hilum
