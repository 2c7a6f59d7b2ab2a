#include "image/geometry.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace hilum {

Geometry whole_image(int width, int height) {
  return {width, height, 0, 0, static_cast<double>(width), static_cast<double>(height)};
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

BoxNorm box_to_original(const BoxNorm& model, const Geometry& g) {
  const auto x = [&](double v) { return std::trunc(v * g.used_width + g.left) / g.width; };
  const auto y = [&](double v) { return std::trunc(v * g.used_height + g.top) / g.height; };
  return {x(model.x_min), y(model.y_min), x(model.x_max), y(model.y_max)};
}

BoxNorm adjust_box_for_original_image_size(const BoxNorm& model, int width, int height) {
  return box_to_original(model, center_square(width, height));
}

std::optional<BoxNorm> box_to_model(const BoxNorm& original, const Geometry& g) {
  const auto x = [&](double v) { return std::clamp((v * g.width - g.left) / g.used_width, 0.0, 1.0); };
  const auto y = [&](double v) { return std::clamp((v * g.height - g.top) / g.used_height, 0.0, 1.0); };
  const BoxNorm model{x(original.x_min), y(original.y_min), x(original.x_max), y(original.y_max)};
  if (!(model.x_max > model.x_min && model.y_max > model.y_min)) return std::nullopt;
  return model;
}

std::array<int, 4> used_rectangle(const Geometry& g) {
  return {static_cast<int>(std::floor(g.left)), static_cast<int>(std::floor(g.top)),
          static_cast<int>(std::ceil(g.left + g.used_width)), static_cast<int>(std::ceil(g.top + g.used_height))};
}

}  // namespace hilum
