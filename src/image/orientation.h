// EXIF orientation (CIPA DC-008, tag 0x0112): how a stored picture is to be turned before it is looked at.
#pragma once

#include <cstddef>
#include <span>

#include "image/image.h"

namespace hilum {

// The value of the tag in a TIFF structure (of a JPEG's Exif segment or a PNG's eXIf chunk): 1..8 by the standard, but
// any number may stand there. 0: none, or the structure is damaged before it.
int read_exif_orientation(std::span<const std::byte> tiff);

// The picture upright, for 1..8: 2 mirrored, 3 by 180 degrees, 4 upside down, 5 transposed, 6 by 90 degrees clockwise,
// 7 transposed along the other diagonal, 8 by 90 degrees counter-clockwise. 5 to 8 exchange width and height.
Image upright(const Image& stored, int orientation);

// Turns decoded.pixels by the orientation in `tiff` and says so in its steps; warns of a value outside 0..8.
void apply_exif_orientation(std::span<const std::byte> tiff, DecodedImage& decoded);

}  // namespace hilum
