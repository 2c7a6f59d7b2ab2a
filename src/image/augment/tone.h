// Tables of grey levels of 8-bit pictures, bit for bit as Pillow's ImageOps makes them.
#pragma once

#include "image/image.h"

namespace hilum {

// The highest `bits` (0 to 8) of each sample; the others 0.
Image posterize(const Image& image, int bits);
// Samples from `threshold` on are inverted.
Image solarize(const Image& image, double threshold);
// Each channel stretched to 0..255 from its smallest and largest value; one of a single value stays.
Image autocontrast(const Image& image);
// Each channel's values spread so that all are as frequent; a channel of one value, or of fewer samples than there are
// values, stays.
Image equalize(const Image& image);

}  // namespace hilum
