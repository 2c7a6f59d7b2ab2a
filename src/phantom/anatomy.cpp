#include "phantom/anatomy.h"

#include <algorithm>
#include <cmath>

#include "phantom/bones.h"
#include "phantom/fmath.h"
#include "phantom/vessels.h"

namespace hilum::phantom {
namespace {

// Lung outline, lateral distance from the midline by height; medial distance; half depth; middle in depth. mm, an
// average adult.
struct LungRow {
  float y, lateral, medial, depth, cz;
};
constexpr LungRow kLung[] = {
    {-140, 50, 40, 5, -14},
    {-135, 62, 30, 17, -14},
    {-124, 77, 22, 33, -12},
    {-108, 93, 16, 47, -10},
    {-80, 110, 11, 63, -7},
    {-40, 125, 8, 78, -3},
    {0, 134, 7, 87, 0},
    {40, 140, 7, 92, 1},
    {80, 143, 8, 94, 2},
    {115, 144, 10, 92, 0},
    {145, 142, 22, 84, -8},
    {165, 134, 50, 66, -18},
};

void build_lungs(Scene& scene, const Patient& p, const Pose& pose, Rng& rng) {
  const float apex = jitter(rng, 5);
  for (int side = 0; side < 2; ++side) {
    std::vector<Knot> knots;
    const float sign = side == 0 ? -1.0f : 1.0f, lateral_gain = 1 + jitter(rng, 0.012f);
    for (const LungRow& row : kLung) {
      const float lateral = sign * row.lateral * p.width * lateral_gain, medial = sign * row.medial * p.width;
      const float y = row.y + (row.y < -60 ? apex * (-60 - row.y) / 80 : 0) +
                      (row.y > 60 ? 0.35f * pose.breath_mm * (row.y - 60) / 100 : 0);
      knots.push_back({y, std::min(lateral, medial), std::max(lateral, medial), row.depth * p.depth, row.cz * p.depth});
    }
    scene.lungs[static_cast<size_t>(side)] = pile(knots);
    scene.lung_knots[static_cast<size_t>(side)] = std::move(knots);
  }
}

void build_body(Scene& scene, const Patient& p, const Pose& pose) {
  const float f = p.fat_mm, w = p.width, d = p.depth, s = pose.shoulder_mm;
  const auto row = [&](float y, float half, float depth, float cz) { return Knot{y, -half, half, depth, cz}; };
  scene.body = pile({row(-260, 66 + 0.4f * f, 70, 5), row(-205 + 0.5f * s, 58 + 0.5f * f, 64, 0),
      row(-175 + s, 66 + 0.8f * f, 62, -4), row(-150 + s, 118 + f, 64 + 0.5f * f, -6),
      row(-128 + s, 172 + f, 72 + 0.5f * f, -8), row(-100 + s, 196 + f, 82 + f, -6),
      row(-60 + s, 190 * w + f, 96 * d + f, -3), row(-25, 170 * w + f, 104 * d + f, 0),
      row(20, 160 * w + f, 110 * d + f, 2), row(80, 158 * w + f, 114 * d + f, 3),
      row(140, 157 * w + 1.2f * f, 114 * d + 1.3f * f, 4), row(210, 156 * w + 1.4f * f, 112 * d + 1.6f * f, 6),
      row(280, 158 * w + 1.5f * f, 112 * d + 1.7f * f, 6)});
  for (const float sign : {-1.0f, 1.0f}) {  // arms: off the film on the lateral view
    Insert arm;
    arm.solid = pile({row(-118 + s, 8, 10, 0), row(-100 + s, 36 + 0.5f * f, 36, 0), row(-40 + s, 42 + 0.6f * f, 40, 0),
        row(60, 44 + 0.6f * f, 42, 0), row(260, 44 + 0.6f * f, 42, 0)});
    const auto inner = arm.solid.at;
    arm.solid.at = [inner, sign, w, f, s](float y, Slice& slice) {  // they hang outwards
      if (!inner(y, slice)) return false;
      slice.cx = sign * (196 * w + f + 0.24f * (y + 100 - s));
      return true;
    };
    arm.mu = kMuSoft;
    arm.front_only = true;
    scene.inserts.push_back(arm);
  }
}

void build_breasts(Scene& scene, const Patient& p, Rng& rng) {
  if (p.breast <= 0.05f) return;
  const float size = 46 + 26 * p.breast, y = 52 + 26 * p.breast + jitter(rng, 8);
  for (const float sign : {-1.0f, 1.0f}) {
    Insert breast;
    const float x = sign * (86 * p.width + jitter(rng, 4)), at = y + jitter(rng, 4), thick = 26 + 26 * p.breast,
                z = 94 * p.depth + p.fat_mm;
    const auto row = [&](float t, float wide, float deep) {
      return Knot{at + t * size, x - wide * size, x + wide * size, deep * thick, z};
    };
    // Thin above, full below: only the lower edge draws a line.
    breast.solid =
        pile({row(-1.25f, 0.25f, 0.12f), row(-0.8f, 0.68f, 0.38f), row(-0.3f, 0.9f, 0.7f), row(0.2f, 1, 0.95f),
            row(0.5f, 0.96f, 1), row(0.75f, 0.78f, 0.86f), row(0.9f, 0.5f, 0.6f), row(0.97f, 0.2f, 0.3f)});
    breast.mu = kMuSoft;
    breast.outside = true;
    breast.side_gain = 0.3f;
    scene.inserts.push_back(breast);
  }
}

void build_mediastinum(Scene& scene, const Patient& p, const Alterations& a, Landmarks& marks, Rng& rng) {
  const float w = p.width, d = p.depth, shift = a.mediastinum_shift_mm, bend = p.spine_bend_mm;
  const auto occlude = [&](Solid solid, float density = 1) { scene.occluders.push_back({std::move(solid), density}); };
  occlude(pile({{-200, -30 * w, 30 * w, 60, 0}, {-130, -26 * w, 23 * w, 58, -4}, {-95, -25 * w, 20 * w, 60, -3},
      {-60, -25 * w + shift, 22 * w + shift, 62, 0}, {-25, -24 * w + shift, 21 * w + shift, 66, 0},
      {20, -20 * w + shift, 17 * w + shift, 66, 0}, {70, -17 * w + shift, 16 * w + shift, 66, 0},
      {115, -15 * w, 14 * w, 50, 0}, {150, -6, 6, 10, -10}}));
  const float knob = 13.5f + 5 * p.aorta + jitter(rng, 1), knob_x = 23 + 8 * p.aorta + jitter(rng, 2) + shift;
  occlude(ellipsoid({{knob_x * w, -52 + jitter(rng, 4), -12}, {knob, knob * 1.1f, 30}}));
  const float descending = 12 + 2 * p.aorta;
  occlude(pile(
      {{-50, knob_x - descending, knob_x + descending - 2, 12, -40}, {20, 19 - descending, 20 + descending, 12, -48},
          {100, 16 - descending, 17 + descending, 12, -52}, {190, 10 - descending, 10 + descending, 12, -52}}));
  // Heart: drawn for a width of 122 mm, then scaled to the ratio asked for. Offsets from its own centre.
  marks.chest_half_mm = 143 * w;
  const float ratio = a.heart_ratio > 0 ? a.heart_ratio : p.heart_ratio, s = ratio * 2 * marks.chest_half_mm / 122;
  const float height = 0.35f + 0.65f * s;  // an enlarged heart widens more than it rises
  const Vec3 centre{12 * s + shift + 0.3f * bend, marks.dome_top[1].y - 4 - 43 * height, 22 * d};
  marks.heart_centre = centre;
  const auto part = [&](Vec3 offset, Vec3 radii, float roll, float pitch) {
    Occluder heart{ellipsoid({{centre.x + s * offset.x, centre.y + height * offset.y, centre.z + s * offset.z * 0.8f},
        {s * radii.x, height * radii.y, (0.5f + 0.5f * s) * radii.z}, roll, pitch})};
    heart.mark = a.heart_mark;
    heart.whole_mark = a.heart_mark != kNoMark;
    scene.occluders.push_back(heart);
  };
  part({7, 3, 0}, {69, 47, 60}, 0.72f, 0.1f);    // ventricles, apex to the left and down
  part({-31, 2, -6}, {24, 37, 46}, 0.0f, 0.0f);  // right atrium
  part({6, -36, -6}, {26, 30, 40}, 0.5f, 0.0f);  // outflow and left atrial appendage
  marks.heart_right = centre.x - 55 * s;
  marks.heart_left = centre.x + 67 * s;
  occlude(ellipsoid({{(27 + shift) * w, -18, 4}, {15 + 3 * p.aorta, 18, 22}}));  // pulmonary trunk
  // Fat beside the apex and the caval shadow soften the angles.
  occlude(ellipsoid({{centre.x + 50 * s, marks.dome_top[1].y + 2, 40 * d}, {24, 12, 20}, 0.5f, 0}), 0.6f);
}

void build_diaphragm(
    Scene& scene, const Patient& p, const Pose& pose, const Alterations& a, Landmarks& marks, Rng& rng) {
  const float flat = 1 + jitter(rng, 0.25f) - 0.012f * pose.breath_mm;
  marks.dome_kx = 0.0082f * flat / (p.width * p.width);
  marks.dome_kz = 0.0047f * flat / (p.depth * p.depth);
  const float right = 90 + pose.breath_mm + jitter(rng, 4), gap = static_cast<float>(rng.uniform(7, 17));
  marks.dome_top[0] = {-66 * p.width, right - a.dome_rise_mm[0], 16 * p.depth};
  marks.dome_top[1] = {68 * p.width, right + gap - a.dome_rise_mm[1], 16 * p.depth};
  for (int side = 0; side < 2; ++side) {
    Occluder floor{dome(marks.dome_top[side], marks.dome_kx, marks.dome_kz, 300)};
    floor.lung = side;
    scene.occluders.push_back(floor);
  }
  // Gas in the stomach, level below when upright; its fundus is rarely one plain oval.
  const float gas = static_cast<float>(rng.uniform(13, 30));
  const Vec3 at{marks.dome_top[1].x + jitter(rng, 12) - 6, marks.dome_top[1].y + 9 + 0.72f * gas, 8};
  const float level = at.y + gas * static_cast<float>(rng.uniform(-0.1, 0.5)),
              lobe = static_cast<float>(rng.uniform(0.45, 0.8)), off = jitter(rng, 0.35f);
  if (rng.chance(0.9)) {
    scene.inserts.push_back({cut(ellipsoid({at, {1.25f * gas, 0.8f * gas, gas}, off, 0}), 0, level), -0.72f * kMuSoft});
    const Vec3 beside{at.x + (off > 0 ? -1.0f : 1.0f) * 1.15f * gas, at.y + 0.25f * gas, at.z + 6};
    scene.inserts.push_back(
        {cut(ellipsoid({beside, {lobe * gas, 0.75f * lobe * gas, lobe * gas}}), 0, level + 2), -0.45f * kMuSoft});
  }
  const uint32_t loops = 1 + rng.below(5);  // colon and small bowel: haustra, some with levels
  for (uint32_t i = 0; i < loops; ++i) {
    const float r = static_cast<float>(rng.uniform(7, 15)), x = static_cast<float>(rng.uniform(-30, 130)) * p.width;
    const float y = marks.dome_top[x > 20 ? 1 : 0].y + 42 + static_cast<float>(rng.uniform(0, 40)),
                tilt = jitter(rng, 0.7f);
    for (int part = -1; part <= 1; ++part) {
      const float s = r * static_cast<float>(rng.uniform(0.75, 1.1));
      scene.inserts.push_back(
          {ellipsoid({{x + 1.05f * r * static_cast<float>(part), y + 1.05f * r * tilt * static_cast<float>(part), 30},
               {s, 0.85f * s, s}}),
              -0.5f * kMuSoft});
    }
  }
  scene.inserts.push_back(
      {ellipsoid({{-70 * p.width, marks.dome_top[0].y + 75, 0}, {88 * p.width, 66, 60}}), 0.0012f});  // liver
}

void build_airway(Scene& scene, const Patient& p, const Alterations& a, Landmarks& marks, Rng& rng) {
  marks.carina = {-1 + 0.8f * a.mediastinum_shift_mm + jitter(rng, 2), -52 + jitter(rng, 4), -22};
  const float r = p.female ? 7.5f : 9;
  const auto air = [&](std::vector<Vec3> knots, float r0, float r1) {
    Tube tube;
    tube.path = {curve(knots, 6), r0, r1};
    tube.mu = (r1 > 0.8f * r0 ? -1.15f : -0.75f) * kMuSoft;
    scene.tubes.push_back(tube);
  };
  air({{1, -230, 4}, {0.3f * a.mediastinum_shift_mm + jitter(rng, 2), -140, -8}, {marks.carina.x, marks.carina.y, -22}},
      r, 0.92f * r);
  air({marks.carina, {marks.carina.x - 18, marks.carina.y + 16, -26}, {marks.carina.x - 34, marks.carina.y + 34, -30}},
      0.75f * r, 0.5f * r);
  air({marks.carina, {marks.carina.x + 20, marks.carina.y + 18, -26}, {marks.carina.x + 42, marks.carina.y + 32, -32}},
      0.7f * r, 0.45f * r);
}

}  // namespace

Patient draw_patient(Rng& rng) {
  Patient p;
  p.female = rng.chance(0.47);
  p.age_years = static_cast<int>(rng.uniform(20, 92));
  p.scale = (p.female ? 0.95f : 1.02f) + 0.03f * static_cast<float>(det_normal(rng));
  p.width = 1 + 0.04f * static_cast<float>(det_normal(rng));
  p.depth = 1 + 0.06f * static_cast<float>(det_normal(rng));
  p.fat_mm = static_cast<float>(rng.uniform(5, 16));
  if (rng.chance(0.3)) p.fat_mm += static_cast<float>(rng.uniform(0, 16));
  p.breast = p.female ? static_cast<float>(rng.uniform(0.1, 1)) : 0;
  p.heart_ratio = static_cast<float>(rng.uniform(0.385, 0.47));
  p.aorta = std::clamp(static_cast<float>((p.age_years - 35) / 60.0 + rng.uniform(-0.2, 0.2)), 0.0f, 1.0f);
  p.spine_bend_mm = 4 * static_cast<float>(det_normal(rng));
  p.bone = (p.age_years > 70 ? 0.8f : 1.0f) + 0.1f * static_cast<float>(det_normal(rng));
  p.seed = rng.next();
  return p;
}

Pose draw_pose(Rng& rng) {
  Pose pose;
  pose.breath_mm = static_cast<float>(rng.uniform(-12, 12));
  pose.turn = 0.035f * static_cast<float>(det_normal(rng));
  pose.lean = 0.02f * static_cast<float>(det_normal(rng));
  pose.shoulder_mm = static_cast<float>(rng.uniform(-10, 12));
  pose.shift_u = 5 * static_cast<float>(det_normal(rng));
  pose.shift_v = 6 * static_cast<float>(det_normal(rng));
  return pose;
}

Scene build_anatomy(const Patient& patient, const Pose& pose, const Alterations& alterations, Landmarks& marks) {
  Scene scene;
  Rng rng(patient.seed, 1);  // the same patient on every film
  build_body(scene, patient, pose);
  build_lungs(scene, patient, pose, rng);
  build_diaphragm(scene, patient, pose, alterations, marks, rng);
  build_mediastinum(scene, patient, alterations, marks, rng);
  build_airway(scene, patient, alterations, marks, rng);
  build_breasts(scene, patient, rng);
  Rng bones(patient.seed, 2), vessels(patient.seed, 3);
  build_bones(scene, patient, pose, marks, bones);
  build_vessels(scene, patient, alterations, vessels);
  return scene;
}

}  // namespace hilum::phantom
