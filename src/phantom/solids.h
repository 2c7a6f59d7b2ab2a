// The primitives of a scene, in mm. x: towards the patient's left, y: down (feet), z: forwards (chest). The origin lies
// between the lungs at the height of the hila. Every solid is a pile of ellipses, one per height, so that a ray that
// runs level meets it in one interval whose ends have a closed form for any direction: frontal and lateral films come
// from the same scene.
#pragma once

#include <functional>
#include <vector>

namespace hilum::phantom {

struct Vec3 {
  float x = 0, y = 0, z = 0;
};
inline Vec3 operator+(Vec3 a, Vec3 b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
inline Vec3 operator-(Vec3 a, Vec3 b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
inline Vec3 operator*(float s, Vec3 a) { return {s * a.x, s * a.y, s * a.z}; }
float length(Vec3 a);

// The ellipse at one height: xx dx^2 + 2 xz dx dz + zz dz^2 <= 1, dx = x - cx, dz = z - cz (1/mm^2, mm).
struct Slice {
  float cx = 0, cz = 0, xx = 1, xz = 0, zz = 1;
};

struct Solid {
  float y0 = 0, y1 = 0;                     // mm, heights it spans
  std::function<bool(float y, Slice&)> at;  // false: nothing at this height
};

// radii: along its own axes. roll: about z (positive turns its x axis down towards the feet), pitch: about x, both in
// radians. One braced argument, so that random numbers drawn inside it are drawn in order whatever the compiler.
struct Ellipsoid {
  Vec3 centre, radii;
  float roll = 0, pitch = 0;
};
Solid ellipsoid(const Ellipsoid& shape);

// One knot of a pile: at height y an ellipse from x `left` to `right` and half depth `depth` about z `cz`.
struct Knot {
  float y, left, right, depth, cz;
};
// Knots by rising y; between them a cubic (Catmull-Rom) runs. `margin` mm are taken off all round (may be negative).
Solid pile(std::vector<Knot> knots, float margin = 0);
Knot knot_at(const std::vector<Knot>& knots, float y);

// Everything below a dome: y >= top.y + kx (x - top.x)^2 + kz (z - top.z)^2, down to y1. kx, kz in 1/mm.
Solid dome(Vec3 top, float kx, float kz, float y1);

// The part of a solid between two heights.
Solid cut(Solid solid, float y0, float y1);

// A round tube along a polyline, radius from r0 to r1 (mm).
struct Path {
  std::vector<Vec3> points;
  float r0 = 1, r1 = 1;
};

// Points on a Catmull-Rom curve through the knots, `steps` per span.
std::vector<Vec3> curve(const std::vector<Vec3>& knots, int steps);

}  // namespace hilum::phantom
