#include "phantom/project.h"

#include <gtest/gtest.h>

#include <cmath>

#include "phantom/findings.h"
#include "phantom/fmath.h"

namespace hilum::phantom {
namespace {

// A scene that holds nothing but what a test puts in.
Scene empty_scene() {
  Scene scene;
  const Solid nothing{0, 0, [](float, Slice&) { return false; }};
  scene.body = nothing;
  scene.lungs = {nothing, nothing};
  return scene;
}

TEST(DetMath, AgreesWithTheLibrary) {
  for (double x = -20; x < 20; x += 0.037) {
    EXPECT_NEAR(det_sin(x), std::sin(x), 1e-9);
    EXPECT_NEAR(det_cos(x), std::cos(x), 1e-9);
    EXPECT_NEAR(det_exp(static_cast<float>(x)) / std::exp(static_cast<float>(x)), 1, 2e-6);
    EXPECT_NEAR(det_log(static_cast<float>(std::exp(x))), x, 4e-6);
  }
}

// Chords of a tilted ellipsoid against its volume and against marching along the ray, in three directions.
TEST(Project, EllipsoidChordsMatchMarchingRays) {
  const Vec3 centre{12, -7, 21}, radii{40, 25, 60};
  const double roll = 0.5, pitch = -0.4;
  for (const float turn : {0.0f, 0.6f, -1.5707963f}) {
    Scene scene = empty_scene();
    scene.inserts.push_back({ellipsoid({centre, radii, static_cast<float>(roll), static_cast<float>(pitch)}), 1.0f});
    View view;
    view.size = 160;
    view.field_mm = 240;
    view.turn = turn;
    const Projection p = project(scene, view);
    double volume = 0;
    for (const float value : p.attenuation) volume += value * 1.5 * 1.5;
    EXPECT_NEAR(volume / (4.0 / 3 * kPi * 40 * 25 * 60), 1, 3e-3);
    // R = Rx(pitch) Rz(roll) takes the ellipsoid's own axes to the scene's.
    const auto inside = [&](double x, double y, double z) {
      const double dx = x - centre.x, dy = y - centre.y, dz = z - centre.z;
      const double y1 = std::cos(pitch) * dy + std::sin(pitch) * dz, z1 = -std::sin(pitch) * dy + std::cos(pitch) * dz;
      const double x2 = std::cos(roll) * dx + std::sin(roll) * y1, y2 = -std::sin(roll) * dx + std::cos(roll) * y1;
      return x2 * x2 / (40 * 40) + y2 * y2 / (25 * 25) + z1 * z1 / (60 * 60) <= 1;
    };
    for (const auto& [row, column] : {std::pair{80, 80}, {70, 95}, {85, 60}, {60, 88}}) {
      const double u = (column + 0.5) * 1.5 - 120, y = (row + 0.5) * 1.5 - 120, c = std::cos(turn), s = std::sin(turn);
      double marched = 0;
      for (double w = -120; w < 120; w += 0.01) marched += inside(c * u - s * w, y, s * u + c * w) ? 0.01 : 0;
      EXPECT_NEAR(p.attenuation[static_cast<size_t>(row) * 160 + static_cast<size_t>(column)], marched, 0.1)
          << turn << " " << row << " " << column;
    }
  }
}

TEST(Project, ATubeIsAsThickAsItsDiameterAndThinOnesKeepTheirMass) {
  for (const float r : {6.0f, 0.4f}) {
    Scene scene = empty_scene();
    Tube tube;
    tube.path = {{{-60, 0.3f, 0}, {60, 0.3f, 0}}, r, r};
    tube.mu = 1;
    scene.tubes.push_back(tube);
    View view;
    view.size = 200;
    view.field_mm = 200;
    const Projection p = project(scene, view);
    double across = 0, peak = 0;
    for (int row = 0; row < 200; ++row) {
      const double value = p.attenuation[static_cast<size_t>(row) * 200 + 100];
      across += value;
      peak = std::max(peak, value);
    }
    EXPECT_NEAR(across / (kPi * r * r), 1, r > 1 ? 0.03 : 0.25);
    if (r > 1) {
      EXPECT_NEAR(peak, 2 * r, 0.1);
    }
  }
}

TEST(Project, LeftOfThePatientIsOnTheRightOfTheFilmAndTheFaceLooksLeftOnTheLateral) {
  Scene scene = empty_scene();
  scene.inserts.push_back({ellipsoid({{50, 0, 30}, {5, 5, 5}}), 1.0f});
  View view;
  view.size = 100;
  view.field_mm = 200;
  scene.num_marks = 1;
  scene.inserts[0].mark = 0;
  const BoxNorm front = mark_box(project(scene, view).marks[0], 100, 0.1f);
  EXPECT_NEAR((front.x_min + front.x_max) / 2, 0.75, 0.01);
  view.turn = -1.5707963f;
  const BoxNorm side = mark_box(project(scene, view).marks[0], 100, 0.1f);
  EXPECT_NEAR((side.x_min + side.x_max) / 2, 0.35, 0.01);
}

TEST(Anatomy, HeartAndBoxHaveTheCardiothoracicRatioAsked) {
  Rng rng(3);
  for (int i = 0; i < 8; ++i) {
    Patient patient = draw_patient(rng);
    FindingSpec heart;
    heart.kind = FindingKind::kCardiomegaly;
    heart.severity = i / 8.0;
    const FilledScene filled = build_scene(patient, Pose{}, {heart});
    const double asked = kKnobs.heart_low + (kKnobs.heart_high - kKnobs.heart_low) * heart.severity;
    View view;
    view.size = 256;
    const BoxNorm box = mark_box(project(filled.scene, view).marks.at(0), 256, 0.15f);
    const double ratio = (box.x_max - box.x_min) * view.field_mm / (2 * filled.landmarks.chest_half_mm);
    EXPECT_NEAR(ratio, asked, 0.035);
    EXPECT_GT(ratio, 0.5);
  }
}

TEST(Anatomy, RightDomeIsHigherThanTheLeft) {
  Rng rng(5);
  for (int i = 0; i < 50; ++i) {
    const Patient patient = draw_patient(rng);
    Landmarks marks;
    build_anatomy(patient, draw_pose(rng), {}, marks);
    EXPECT_LT(marks.dome_top[0].y + 5, marks.dome_top[1].y);
  }
}

TEST(Findings, PriorsReallyChange) {
  int seen[6] = {};
  for (uint64_t i = 0; i < 600; ++i) {
    Rng rng(11, i);
    std::vector<FindingSpec> today = draw_findings(rng, false);
    const std::vector<FindingSpec> before = draw_prior(rng, today);
    for (const FindingSpec& s : today) {
      ++seen[static_cast<int>(s.change)];
      const FindingSpec* earlier = nullptr;
      for (const FindingSpec& b : before)
        if (b.kind == s.kind && b.seed == s.seed) earlier = &b;
      switch (s.change) {
        case Change::kNew: EXPECT_EQ(earlier, nullptr); break;
        case Change::kLarger:
          ASSERT_NE(earlier, nullptr);
          EXPECT_LT(earlier->severity, 0.6 * s.severity);
          break;
        case Change::kSmaller:
          ASSERT_NE(earlier, nullptr);
          EXPECT_GT(earlier->severity, s.severity + 0.3);
          break;
        case Change::kUnchanged:
          ASSERT_NE(earlier, nullptr);
          EXPECT_EQ(earlier->severity, s.severity);
          break;
        case Change::kResolved: EXPECT_NE(earlier, nullptr); break;
        default: ADD_FAILURE() << "a finding without a comparison";
      }
    }
  }
  for (int c = 1; c < 6; ++c) EXPECT_GT(seen[c], 20) << c;
}

}  // namespace
}  // namespace hilum::phantom
