#include "phantom/vessels.h"

#include <algorithm>
#include <cmath>

#include "phantom/fmath.h"

namespace hilum::phantom {
namespace {

// A branch wanders from `from` along `direction`; children leave it on the way. Radii fall by the cube law (r0^3 = r1^3
// + r2^3).
void grow(Scene& scene, Rng& rng, Vec3 from, Vec3 direction, float reach, float r, int depth, float gain) {
  if (r < 0.55f || reach < 9) return;
  std::vector<Vec3> points{from};
  Vec3 at = from, heading = direction;
  constexpr int kSteps = 5;
  for (int k = 0; k < kSteps; ++k) {
    heading = heading + Vec3{jitter(rng, 0.16f), jitter(rng, 0.16f) + 0.02f, jitter(rng, 0.16f)};
    heading = (1 / length(heading)) * heading;
    at = at + (reach / kSteps) * heading;
    points.push_back(at);
  }
  Tube tube;
  tube.path = {points, r * gain, 0.72f * r * gain};
  tube.in_lung = true;
  tube.mu = 1.3f * kMuSoft;
  scene.tubes.push_back(tube);
  const int children = depth == 0 ? 4 : depth == 1 ? 3 : 2;
  for (int c = 0; c < children; ++c) {
    const size_t place = c == 0 ? points.size() - 1 : static_cast<size_t>(1 + rng.below(static_cast<uint32_t>(kSteps)));
    const float spread = c == 0 ? 0.35f : 0.85f;
    const Vec3 turned = heading + Vec3{jitter(rng, spread), jitter(rng, spread), jitter(rng, spread)};
    grow(scene, rng, points[place], (1 / length(turned)) * turned, reach * static_cast<float>(rng.uniform(0.55, 0.8)),
        r * (c == 0 ? 0.72f : 0.55f), depth + 1, gain);
  }
}

}  // namespace

void build_vessels(Scene& scene, const Patient& p, const Alterations& a, Rng& rng) {
  for (int side = 0; side < 2; ++side) {
    const float sign = side == 0 ? -1.0f : 1.0f, shift = a.mediastinum_shift_mm;
    const Vec3 hilum{sign * 30 * p.width + shift, side == 0 ? -12.0f : -20.0f, -10};
    // The hilum itself: arteries and veins in a knot.
    for (int k = 0; k < 4; ++k)
      scene.occluders.push_back({ellipsoid({{hilum.x + sign * (2 + 7 * static_cast<float>(k) * 0.6f) + jitter(rng, 3),
                                                hilum.y + jitter(rng, 14), hilum.z + jitter(rng, 8)},
                                     {9 + jitter(rng, 2), 11 + jitter(rng, 3), 14}, jitter(rng, 0.6f), 0}),
          0.85f});
    scene.occluders.push_back({ellipsoid({{hilum.x + sign * 10, hilum.y + 22, hilum.z}, {8, 26, 13}, -0.35f * sign, 0}),
        0.9f});  // descending artery
    struct Trunk {
      float out, down, forward, reach, r;
    };
    constexpr Trunk kTrunks[] = {{0.45f, -0.85f, -0.1f, 48, 3.0f}, {0.75f, -0.6f, 0.35f, 44, 2.7f},
        {0.95f, -0.15f, 0.4f, 44, 2.6f}, {0.95f, 0.15f, -0.4f, 46, 2.7f}, {0.8f, 0.55f, 0.35f, 50, 3.1f},
        {0.7f, 0.7f, -0.4f, 54, 3.5f}, {0.4f, 0.9f, 0.2f, 56, 3.6f}, {0.35f, 0.9f, -0.45f, 56, 3.6f},
        {0.2f, -0.95f, 0.2f, 44, 2.4f}};
    for (const Trunk& trunk : kTrunks) {
      const Vec3 direction{
          sign * trunk.out + jitter(rng, 0.12f), trunk.down + jitter(rng, 0.12f), trunk.forward + jitter(rng, 0.2f)};
      const float gain = 1 + (a.vessel_gain - 1) * (trunk.down < 0 ? 1.2f : 0.6f);
      const Vec3 root{hilum.x + sign * 8, hilum.y + 16 * trunk.down, hilum.z};
      grow(scene, rng, root, (1 / length(direction)) * direction,
          trunk.reach * static_cast<float>(rng.uniform(0.9, 1.15)), trunk.r, 0, gain);
    }
  }
}

}  // namespace hilum::phantom
