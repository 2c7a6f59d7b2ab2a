#include "phantom/bones.h"

#include <algorithm>
#include <cmath>

#include "phantom/fmath.h"

namespace hilum::phantom {
namespace {

void build_spine(Scene& scene, const Patient& p, Rng& rng) {
  float y = -216;
  for (int i = 0; y < 240; ++i) {
    const float size = 0.8f + 0.018f * static_cast<float>(i), half = 9.2f * size, wide = 18 * size;
    const float bend = p.spine_bend_mm * static_cast<float>(det_sin(y / 95.0));
    const float cz = -56 * p.depth - 8 * static_cast<float>(det_cos((y - 10) / 130.0));  // thoracic kyphosis
    const auto block = [&](float w, float cy, float h, float dz, float cz_off, float mu, float side_gain) {
      scene.inserts.push_back({pile({{cy - h, bend - w, bend + w, dz, cz + cz_off},
                                   {cy, bend - 0.9f * w, bend + 0.9f * w, 0.9f * dz, cz + cz_off},
                                   {cy + h, bend - w, bend + w, dz, cz + cz_off}}),
          mu * p.bone, kNoMark, side_gain});
    };
    block(wide, y + half, half, 15 * size, 0, 0.18f * kMuSpongy, 5.2f);
    block(wide * 1.03f, y + 0.8f, 0.8f, 15 * size, 0, 0.09f * kMuCortex, 1);  // end plates
    block(wide * 1.03f, y + 2 * half - 0.8f, 0.8f, 15 * size, 0, 0.09f * kMuCortex, 1);
    for (const float sign : {-1.0f, 1.0f}) {  // pedicles, transverse processes
      scene.inserts.push_back(
          {ellipsoid({{bend + sign * 0.62f * wide, y + 0.8f * half, cz - 18}, {3.2f * size, 4.8f * size, 8}}),
              kMuCortex * 0.3f * p.bone});
      scene.inserts.push_back({ellipsoid({{bend + sign * 1.35f * wide, y + 0.9f * half, cz - 24},
                                   {10 * size, 3.6f * size, 4}, -0.25f * sign, 0}),
          0.8f * kMuSpongy * p.bone});
    }
    scene.inserts.push_back({ellipsoid({{bend + jitter(rng, 1.5f), y + 1.6f * half, cz - 36}, {2.6f, 7.5f * size, 11},
                                 jitter(rng, 0.1f), 0}),
        0.5f * kMuSpongy * p.bone});
    y += 2 * half + 4.2f * size;
  }
}

void build_ribs(Scene& scene, const Patient& p, const Pose& pose, Landmarks& marks, Rng& rng) {
  const float slope = 1 + jitter(rng, 0.18f);
  for (int side = 0; side < 2; ++side) {
    const float sign = side == 0 ? -1.0f : 1.0f;
    for (int i = 0; i < 11; ++i) {
      const auto n = static_cast<float>(i);
      const float start = -139 + 24.5f * n + 0.25f * n * n + jitter(rng, 1.5f) + (i > 4 ? 0.25f * pose.breath_mm : 0);
      const float drop_side = (12 + 5.2f * n - 0.12f * n * n) * slope + jitter(rng, 2);        // spine to the flank
      const float drop_front = (24 + 4.2f * n) * slope + jitter(rng, 3);                       // flank to the front end
      const float reach = i == 0 ? 2.35f : i < 8 ? 2.5f + 0.015f * n : i < 10 ? 2.2f : 1.45f;  // radians from the back
      std::vector<Vec3> points;
      constexpr int kSteps = 26;
      for (int k = 0; k <= kSteps; ++k) {
        const float angle = 0.16f + (reach - 0.16f) * static_cast<float>(k) / kSteps;
        const auto sine = static_cast<float>(det_sin(angle)), cosine = static_cast<float>(det_cos(angle));
        const float back = std::min(1.0f, angle / 1.6f), front = std::max(0.0f, angle - 1.45f) / 1.05f;
        float y = start + drop_side * back * back * (1.6f - 0.6f * back) + drop_front * front * (0.7f + 0.3f * front);
        if (k < 6) y -= 1.5f * static_cast<float>(6 - k) * 0.3f - 2;  // the neck of the rib climbs a little
        const Knot wall = knot_at(scene.lung_knots[static_cast<size_t>(side)], std::clamp(y, -134.0f, 150.0f));
        const float lateral = std::max(std::abs(wall.left), std::abs(wall.right)) + 5, depth = wall.depth + 6;
        points.push_back({sign * lateral * det_pow(sine, 0.82f), y, wall.cz - depth * cosine});
      }
      marks.rib_tubes[side].push_back(scene.tubes.size());
      scene.tubes.push_back(rib_tube(points, (i == 0 ? 5.6f : i > 8 ? 4.2f : 5.1f) + jitter(rng, 0.3f), p.bone));
    }
  }
}

void build_girdle(Scene& scene, const Patient& p, const Pose& pose, Rng& rng) {
  const float s = pose.shoulder_mm, w = p.width, slope = static_cast<float>(rng.uniform(4, 26));
  const auto bone = [&](std::vector<Vec3> knots, float r0, float r1, float mu, float wall, bool arm = false) {
    Tube tube;
    tube.path = {curve(knots, 7), r0, r1};
    tube.mu = mu * p.bone;
    tube.wall = wall;
    tube.front_only = arm;
    scene.tubes.push_back(tube);
  };
  for (const float sign : {-1.0f, 1.0f}) {
    const float j = jitter(rng, 3);
    bone({{sign * 14, -98 + 0.5f * s, 62}, {sign * 50 * w, -106 + s + j, 58},
             {sign * 98 * w, -106 - 0.6f * slope + s + j, 22}, {sign * 150 * w, -112 - slope + s + j, 0}},
        6.0f, 6.4f, 0.95f * kMuCortex, 1.9f, true);
    // scapula: blade, its borders, spine and acromion
    const float x = 122 * w + 10, top = -112 + s;
    scene.inserts.push_back({ellipsoid({{sign * (x + 26), top + 60, -88 * p.depth}, {34, 66, 5}, -0.28f * sign, 0}),
        0.45f * kMuSpongy * p.bone});
    bone({{sign * (x + 42), top + 2, -76}, {sign * (x + 36), top + 55, -88}, {sign * (x + 14), top + 118, -96}}, 4.5f,
        3.5f, 0.42f * kMuCortex, 1.6f);
    bone({{sign * (x - 8), top + 8, -98}, {sign * (x - 2), top + 60, -98}, {sign * (x + 12), top + 118, -96}}, 1.8f,
        1.8f, 0.35f * kMuCortex, 0);
    bone({{sign * (x - 2), top + 14, -100}, {sign * (x + 30), top - 6, -84}, {sign * (x + 62), top - 16, -40}}, 4.5f, 7,
        0.4f * kMuCortex, 1.8f);
    // humerus
    const float hx = 178 * w + 0.5f * p.fat_mm;
    scene.inserts.push_back(
        {ellipsoid({{sign * hx, -90 + s, -10}, {23, 24, 22}}), 0.38f * kMuSpongy * p.bone, kNoMark, 1, true});
    bone({{sign * (hx + 4), -84 + s, -10}, {sign * (hx + 16), -20 + s, -6}, {sign * (hx + 44), 110, 0}}, 14, 11.5f,
        0.34f * kMuCortex, 4, true);
  }
}

void build_sternum(Scene& scene, const Patient& p) {
  const float z = 86 * p.depth;
  scene.inserts.push_back({pile({{-92, -26, 26, 5, z - 24}, {-62, -18, 18, 5.5f, z - 12}, {-20, -13, 13, 5, z + 2},
                               {40, -16, 16, 5, z + 8}, {72, -10, 10, 4, z + 6}}),
      0.8f * kMuSpongy * p.bone});
}

}  // namespace

Tube rib_tube(std::vector<Vec3> points, float radius_mm, float bone) {
  Tube tube;
  tube.path = {std::move(points), radius_mm, 0.92f * radius_mm};
  tube.mu = 0.95f * kMuCortex * bone;  // flatter than round: less to go through than its height says
  tube.wall = 1.3f;
  return tube;
}

void build_bones(Scene& scene, const Patient& patient, const Pose& pose, Landmarks& marks, Rng& rng) {
  build_spine(scene, patient, rng);
  build_ribs(scene, patient, pose, marks, rng);
  build_girdle(scene, patient, pose, rng);
  build_sternum(scene, patient);
}

}  // namespace hilum::phantom
