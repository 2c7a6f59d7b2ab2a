#include "phantom/solids.h"

#include <algorithm>
#include <cmath>

#include "phantom/fmath.h"

namespace hilum::phantom {
namespace {

float catmull_rom(float a, float b, float c, float d, float t) {
  return b + 0.5f * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}

}  // namespace

float length(Vec3 a) { return std::sqrt(a.x * a.x + a.y * a.y + a.z * a.z); }

Solid ellipsoid(const Ellipsoid& shape) {
  const auto [centre, radii, roll, pitch] = shape;
  // A = R diag(1 / r^2) R^T with R = Rx(pitch) Rz(roll).
  const auto cr = static_cast<float>(det_cos(roll)), sr = static_cast<float>(det_sin(roll));
  const auto cp = static_cast<float>(det_cos(pitch)), sp = static_cast<float>(det_sin(pitch));
  const float r[3][3] = {{cr, -sr, 0}, {cp * sr, cp * cr, -sp}, {sp * sr, sp * cr, cp}};
  const float inverse[3] = {1 / (radii.x * radii.x), 1 / (radii.y * radii.y), 1 / (radii.z * radii.z)};
  float a[3][3] = {};
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j)
      for (int k = 0; k < 3; ++k) a[i][j] += r[i][k] * inverse[k] * r[j][k];
  const float reach =
      std::sqrt(r[1][0] * r[1][0] / inverse[0] + r[1][1] * r[1][1] / inverse[1] + r[1][2] * r[1][2] / inverse[2]);
  const float determinant = a[0][0] * a[2][2] - a[0][2] * a[0][2];
  const float axx = a[0][0], axz = a[0][2], azz = a[2][2], axy = a[0][1], azy = a[2][1], ayy = a[1][1];
  return {centre.y - reach, centre.y + reach, [=](float y, Slice& slice) {
            const float dy = y - centre.y, gx = dy * axy, gz = dy * azy;
            const float shift_x = -(azz * gx - axz * gz) / determinant, shift_z = -(axx * gz - axz * gx) / determinant;
            const float rest = 1 - ayy * dy * dy - (gx * shift_x + gz * shift_z);
            if (rest <= 1e-4f) return false;
            slice = {centre.x + shift_x, centre.z + shift_z, axx / rest, axz / rest, azz / rest};
            return true;
          }};
}

Knot knot_at(const std::vector<Knot>& knots, float y) {
  size_t i = 0;
  while (i + 2 < knots.size() && knots[i + 1].y <= y) ++i;
  const Knot& b = knots[i];
  const Knot& c = knots[i + 1];
  const Knot& a = knots[i == 0 ? 0 : i - 1];
  const Knot& d = knots[std::min(i + 2, knots.size() - 1)];
  const float t = std::clamp((y - b.y) / (c.y - b.y), 0.0f, 1.0f);
  return {y, catmull_rom(a.left, b.left, c.left, d.left, t), catmull_rom(a.right, b.right, c.right, d.right, t),
      catmull_rom(a.depth, b.depth, c.depth, d.depth, t), catmull_rom(a.cz, b.cz, c.cz, d.cz, t)};
}

Solid pile(std::vector<Knot> knots, float margin) {
  const float y0 = knots.front().y + std::max(0.0f, margin), y1 = knots.back().y;
  return {y0, y1, [knots = std::move(knots), margin](float y, Slice& slice) {
            const Knot k = knot_at(knots, y);
            const float half = (k.right - k.left) / 2 - margin, depth = k.depth - margin;
            if (half <= 0.3f || depth <= 0.3f) return false;
            slice = {(k.left + k.right) / 2, k.cz, 1 / (half * half), 0, 1 / (depth * depth)};
            return true;
          }};
}

Solid dome(Vec3 top, float kx, float kz, float y1) {
  return {top.y, y1, [=](float y, Slice& slice) {
            const float drop = y - top.y;
            if (drop <= 0.05f) return false;
            slice = {top.x, top.z, kx / drop, 0, kz / drop};
            return true;
          }};
}

Solid cut(Solid solid, float y0, float y1) {
  solid.y0 = std::max(solid.y0, y0);
  solid.y1 = std::min(solid.y1, y1);
  return solid;
}

std::vector<Vec3> curve(const std::vector<Vec3>& knots, int steps) {
  std::vector<Vec3> points;
  for (size_t i = 0; i + 1 < knots.size(); ++i) {
    const Vec3 &a = knots[i == 0 ? 0 : i - 1], &b = knots[i], &c = knots[i + 1],
               &d = knots[std::min(i + 2, knots.size() - 1)];
    for (int k = 0; k < steps; ++k) {
      const float t = static_cast<float>(k) / static_cast<float>(steps);
      points.push_back(
          {catmull_rom(a.x, b.x, c.x, d.x, t), catmull_rom(a.y, b.y, c.y, d.y, t), catmull_rom(a.z, b.z, c.z, d.z, t)});
    }
  }
  points.push_back(knots.back());
  return points;
}

}  // namespace hilum::phantom
