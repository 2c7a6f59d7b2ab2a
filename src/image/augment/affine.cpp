#include "image/augment/affine.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

#include "base/error.h"

namespace hilum {
namespace {

constexpr double kRadian = std::numbers::pi / 180.0;  // of a degree

double rounded_to_15_places(double v) { return std::nearbyint(v * 1e15) / 1e15; }  // so that cos(90) is 0

int64_t fixed_point(double v) { return static_cast<int64_t>(std::floor(v * 65536.0 + 0.5)); }

}  // namespace

// The reference goes to degrees and back, and so do we: last bits decide on ties.
AffineMatrix shear_x(double tangent) {
  const double back = std::tan(std::atan(tangent) * (180.0 / std::numbers::pi) * kRadian);
  return {1, back, 0, 0, 1, 0};
}

AffineMatrix shear_y(double tangent) {
  const double angle = std::atan(tangent) * (180.0 / std::numbers::pi) * kRadian;
  return {1, 0, 0, std::sin(angle) / std::cos(angle), 1, 0};
}

AffineMatrix translate(int right, int down) {
  return {1, 0, -static_cast<double>(right), 0, 1, -static_cast<double>(down)};
}

AffineMatrix rotate(double degrees, int width, int height) {
  double turn = std::fmod(degrees, 360.0);
  if (turn < 0) turn += 360.0;
  const double angle = -(turn * kRadian);
  const double c = rounded_to_15_places(std::cos(angle)), s = rounded_to_15_places(std::sin(angle));
  const double x = width / 2.0, y = height / 2.0;
  AffineMatrix matrix = {c, s, 0, rounded_to_15_places(-std::sin(angle)), c, 0};
  matrix[2] = matrix[0] * -x + matrix[1] * -y + x;
  matrix[5] = matrix[3] * -x + matrix[4] * -y + y;
  return matrix;
}

Image affine_nearest(const Image& image, const AffineMatrix& m) {
  invariant(image.bits == 8, "an 8-bit picture");
  const auto channels = static_cast<size_t>(image.channels);
  Image out{.width = image.width, .height = image.height, .channels = image.channels, .bits = 8};
  out.data8.assign(image.data8.size(), 0);
  // Of the middle of the first pixel; the row's start moves down by columns 1 and 4, a pixel in it by 0 and 3.
  int64_t row_x = fixed_point(m[2] + m[0] * 0.5 + m[1] * 0.5), row_y = fixed_point(m[5] + m[3] * 0.5 + m[4] * 0.5);
  const int64_t x_step = fixed_point(m[0]), y_step = fixed_point(m[3]);
  const int64_t x_row_step = fixed_point(m[1]), y_row_step = fixed_point(m[4]);
  uint8_t* to = out.data8.data();
  for (int row = 0; row < image.height; ++row, row_x += x_row_step, row_y += y_row_step) {
    int64_t x = row_x, y = row_y;
    for (int column = 0; column < image.width; ++column, x += x_step, y += y_step, to += channels) {
      const int64_t from_x = x >> 16, from_y = y >> 16;
      if (from_x < 0 || from_x >= image.width || from_y < 0 || from_y >= image.height) continue;
      const auto at = static_cast<size_t>(from_y * image.width + from_x) * channels;
      std::copy_n(&image.data8[at], channels, to);
    }
  }
  return out;
}

}  // namespace hilum
