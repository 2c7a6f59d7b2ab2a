// A scene: what stands in the beam. Anatomy and findings fill it (anatomy.h, findings.h), project.h reads it.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "phantom/solids.h"

namespace hilum::phantom {

// Attenuation at about 100 kVp effective energy, 1/mm. Bone stands for what it adds to soft tissue.
inline constexpr float kMuSoft = 0.0185f, kMuLung = 0.0050f, kMuCortex = 0.030f, kMuSpongy = 0.011f, kMuMetal = 0.25f;

inline constexpr int kNoMark = -1;  // belongs to no finding

// Something without air in the lungs. Where several overlap on a ray, what is left of the air is the product of what
// each leaves.
struct Occluder {
  Solid solid;
  float density = 1;   // 1: no air left inside
  float grain = 0;     // strength of mottled texture, 0..1
  bool fuzzy = false;  // fades towards its rim
  int lung = -1;       // 0 right, 1 left, -1 both
  int mark = kNoMark;
  bool whole_mark = false;  // its mark is its own silhouette, not only the air it takes
};

// The space between a lung's outline and a smaller one: fluid (effusion) or free air (pneumothorax).
struct Rim {
  Solid inner;  // the lung that is left
  int lung = 0;
  bool is_air = false;
  int mark = kNoMark;
};

// Adds mu * chord, whatever lies around it (negative: air in soft tissue).
struct Insert {
  Solid solid;
  float mu = 0;
  int mark = kNoMark;
  float side_gain = 1;      // of mu on the lateral film
  bool front_only = false;  // on the frontal film alone (arms)
  bool outside = false;     // only what lies outside the body (breasts)
};

struct Tube {
  Path path;
  float mu = kMuSoft;
  float wall = 0;        // mm of cortex around a core of a quarter of mu; 0: solid
  bool in_lung = false;  // seen only where the lung holds air (vessels)
  bool front_only = false;
  int mark = kNoMark;
};

struct Scene {
  Solid body;
  std::array<Solid, 2> lungs;                   // right, left
  std::array<std::vector<Knot>, 2> lung_knots;  // their outlines, for findings that follow them
  std::vector<Occluder> occluders;              // anatomy first, then findings
  std::vector<Rim> rims;
  std::vector<Insert> inserts;
  std::vector<Tube> tubes;
  int num_marks = 0;  // one per box to be drawn
};

}  // namespace hilum::phantom
