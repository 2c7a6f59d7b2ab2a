// Shearing, moving and turning a picture as torchvision does it through Pillow: nearest neighbour, the size kept, black
// where nothing was.
#pragma once

#include <array>

#include "image/image.h"

namespace hilum {

// Where an output pixel (x, y) comes from: (m[0] x + m[1] y + m[2], m[3] x + m[4] y + m[5]), px, corners at whole
// numbers.
using AffineMatrix = std::array<double, 6>;

// torchvision's affine() around the corner at the origin; `tangent` is the shear, px a row or column.
AffineMatrix shear_x(double tangent);
AffineMatrix shear_y(double tangent);
// By whole pixels, to the right and down.
AffineMatrix translate(int right, int down);
// Image.rotate(): degrees against the clock, around the middle of a picture of width x height px.
AffineMatrix rotate(double degrees, int width, int height);

// Image.transform(size, AFFINE, matrix, NEAREST) of an 8-bit picture, bit for bit: positions in steps of 1/65536 px.
// Pillow does the same for sides up to 32767 px and computes in doubles beyond; here all sizes take one way.
Image affine_nearest(const Image& image, const AffineMatrix& matrix);

}  // namespace hilum
