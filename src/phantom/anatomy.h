// A patient and the healthy part of the scene.
#pragma once

#include "base/rng.h"
#include "phantom/scene.h"

namespace hilum::phantom {

struct Patient {
  bool female = false;
  int age_years = 60;
  float scale = 1;            // of the whole body, film side
  float width = 1;            // of the chest, sideways
  float depth = 1;            // of the chest, front to back
  float fat_mm = 12;          // under the skin
  float breast = 0;           // 0 none .. 1 large
  float heart_ratio = 0.45f;  // cardiothoracic ratio of the healthy heart
  float aorta = 0;            // 0 young .. 1 unfolded
  float spine_bend_mm = 0;    // scoliosis, sideways
  float bone = 1;             // mineral
  uint64_t seed = 0;          // of ribs, vessels and the rest
};

struct Pose {
  float breath_mm = 0;       // domes lower (positive: deeper breath)
  float turn = 0, lean = 0;  // radians; mm per mm
  float shoulder_mm = 0;     // shoulders lower
  float shift_u = 0, shift_v = 0;
};

// What findings do to the anatomy itself.
struct Alterations {
  float heart_ratio = 0;  // 0: the patient's own
  int heart_mark = kNoMark;
  float vessel_gain = 1;           // radius of upper and middle vessels
  float dome_rise_mm[2] = {0, 0};  // right, left
  float mediastinum_shift_mm = 0;  // to the patient's left
};

// Places findings refer to.
struct Landmarks {
  float chest_half_mm = 0;  // inner half width at its widest
  Vec3 dome_top[2];
  float dome_kx = 0, dome_kz = 0;
  Vec3 carina, heart_centre;
  float heart_left = 0, heart_right = 0;  // mm from the midline
  std::vector<size_t> rib_tubes[2];       // places in Scene::tubes, pair 1 first
};

Patient draw_patient(Rng& rng);
Pose draw_pose(Rng& rng);
Scene build_anatomy(const Patient& patient, const Pose& pose, const Alterations& alterations, Landmarks& landmarks);

}  // namespace hilum::phantom
