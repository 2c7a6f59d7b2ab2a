#include "image/geometry.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace hilum {

Geometry whole_image(int width, int height) {
  return {width, height, 0, 0, static_cast<double>(width), static_cast<double>(height)};
}

Geometry padded_square(int width, int height, int min_side) {
  invariant(width > 0 && height > 0, "a picture");
  const int side = std::max({width, height, min_side});
  return {width, height, -static_cast<double>((side - width) / 2), -static_cast<double>((side - height) / 2),
      static_cast<double>(side), static_cast<double>(side)};
}

Geometry center_square(int width, int height, double fraction) {
  invariant(width > 0 && height > 0 && fraction > 0 && fraction <= 1, "a picture and a part of it");
  const int side = std::min(width, height);
  Geometry geometry{width, height, static_cast<double>((width - side) / 2), static_cast<double>((height - side) / 2),
      static_cast<double>(side), static_cast<double>(side)};
  if (fraction < 1) {
    const double used = side * fraction, margin = (side - used) / 2;
    geometry.left += margin;
    geometry.top += margin;
    geometry.used_width = geometry.used_height = used;
  }
  return geometry;
}

Geometry compose(const Geometry& outer, const Geometry& inner) {
  const double sx = outer.used_width / inner.width, sy = outer.used_height / inner.height;
  return {outer.width, outer.height, outer.left + inner.left * sx, outer.top + inner.top * sy, inner.used_width * sx,
      inner.used_height * sy};
}

BoxNorm box_to_original(const CropBox& model, const Geometry& g) {
  const auto inside = [](double px, double start, double used, int size) {  // where there is padding on that side
    if (start < 0) px = std::max(px, 0.0);
    return start + used > size ? std::min(px, static_cast<double>(size)) : px;
  };
  const auto x = [&](double v) {
    return inside(std::trunc(v * g.used_width + g.left), g.left, g.used_width, g.width) / g.width;
  };
  const auto y = [&](double v) {
    return inside(std::trunc(v * g.used_height + g.top), g.top, g.used_height, g.height) / g.height;
  };
  return {x(model.x_min), y(model.y_min), x(model.x_max), y(model.y_max)};
}

BoxNorm adjust_box_for_original_image_size(const CropBox& model, int width, int height) {
  return box_to_original(model, center_square(width, height));
}

std::optional<CropBox> box_to_model(const BoxNorm& original, const Geometry& g) {
  const auto x = [&](double v) { return std::clamp((v * g.width - g.left) / g.used_width, 0.0, 1.0); };
  const auto y = [&](double v) { return std::clamp((v * g.height - g.top) / g.used_height, 0.0, 1.0); };
  const CropBox model{x(original.x_min), y(original.y_min), x(original.x_max), y(original.y_max)};
  if (!(model.x_max > model.x_min && model.y_max > model.y_min)) return std::nullopt;
  return model;
}

bool is_valid_box(const BoxNorm& box) {  // a comparison with NaN is false
  return box.x_min >= 0 && box.x_min <= box.x_max && box.x_max <= 1 && box.y_min >= 0 && box.y_min <= box.y_max &&
         box.y_max <= 1;
}

std::array<int, 4> used_rectangle(const Geometry& g) {
  const auto low = [](double at) { return std::max(static_cast<int>(std::floor(at)), 0); };
  const auto high = [](double at, int size) { return std::min(static_cast<int>(std::ceil(at)), size); };
  return {low(g.left), low(g.top), high(g.left + g.used_width, g.width), high(g.top + g.used_height, g.height)};
}

}  // namespace hilum
