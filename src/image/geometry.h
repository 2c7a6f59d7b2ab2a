// Box transforms between the model's input and the original image. They are the only way from one to the other: a box
// of the model's crop (CropBox) and one of the original (BoxNorm, image/image.h) are types of their own.
#pragma once

#include <array>
#include <optional>

#include "image/image.h"

namespace hilum {

// A box in 0..1 of the model's picture (its crop of the original), origin top left: [x_min, y_min, x_max, y_max].
struct CropBox {
  double x_min = 0, y_min = 0, x_max = 0, y_max = 0;
  bool operator==(const CropBox&) const = default;
};

// The rectangle of the original that fills the model's picture, in px of the original. It reaches over the original's
// edges where the picture was padded.
struct Geometry {
  int width = 0, height = 0;  // of the original
  double left = 0, top = 0;
  double used_width = 0, used_height = 0;
  bool operator==(const Geometry&) const = default;
};

// The smallest square around the picture, its side at least `min_side` px; the picture in its middle, left and top
// offset rounded down.
Geometry padded_square(int width, int height, int min_side);

// Everything is used (a resize to an exact size).
Geometry whole_image(int width, int height);

// The centre square: side c = min(W, H), left (W - c) / 2 and top (H - c) / 2 rounded down (MAIRA-2's processor).
// `fraction` < 1: a crop smaller than the resized shorter edge, that part of the square around its centre.
Geometry center_square(int width, int height, double fraction = 1.0);

// `inner` is a rectangle of a picture of inner.width x inner.height px that itself shows the rectangle `outer`: the
// same, in px of the original.
Geometry compose(const Geometry& outer, const Geometry& inner);

// Is it finite, within 0..1 and not inverted? What is thinner than a pixel is valid and covers nothing.
bool is_valid_box(const BoxNorm& box);

// Model space -> original, as the reference's adjust_box_for_original_image_size: corner = trunc(x * used_width + left)
// in whole px, toward zero, divided by the original's size. Neither rounded nor clamped, but for corners in the
// padding, which come to the original's edge. [0,1] of the model -> [0,1] of the original.
BoxNorm box_to_original(const CropBox& model, const Geometry& geometry);
// The reference's own form, for a picture cropped to its centre square.
BoxNorm adjust_box_for_original_image_size(const CropBox& model, int width, int height);

// Original -> model space, for training targets: clipped to the rectangle that the model sees. No value: outside it (or
// empty).
std::optional<CropBox> box_to_model(const BoxNorm& original, const Geometry& geometry);

// x0, y0, x1, y1 in whole px of the original (x1, y1 just past the last), for the report; never outside it.
std::array<int, 4> used_rectangle(const Geometry& geometry);

}  // namespace hilum
