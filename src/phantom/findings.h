// Findings: drawn for a patient, followed back to the earlier film, and placed into the scene as objects.
#pragma once

#include <vector>

#include "phantom/anatomy.h"
#include "phantom/knobs.h"
#include "phantom/phantom.h"

namespace hilum::phantom {

enum class Zone { kNone, kUpper, kMiddle, kLower };  // lobe for consolidation, third of the lung for nodules

struct FindingSpec {
  FindingKind kind = FindingKind::kEffusion;
  Side side = Side::kNone;
  Zone zone = Zone::kNone;
  double severity = 0.5;  // 0..1: size and density follow
  bool subtle = false, lateral_only = false;
  uint64_t seed = 0;  // position and shape; the same on the earlier film
  Change change = Change::kNone;
};

bool is_device(FindingKind kind);

std::vector<FindingSpec> draw_findings(Rng& rng, bool has_lateral, const Knobs& knobs = kKnobs);

// What the earlier film held. Sets `change` of each finding of today; adds those that have gone since (kResolved) to
// `today`.
std::vector<FindingSpec> draw_prior(Rng& rng, std::vector<FindingSpec>& today, const Knobs& knobs = kKnobs);

// A scene with its findings. owner[mark] is the finding's place in `specs`.
struct FilledScene {
  Scene scene;
  Landmarks landmarks;
  std::vector<size_t> owner;
};
FilledScene build_scene(
    const Patient& patient, const Pose& pose, const std::vector<FindingSpec>& specs, const Knobs& knobs = kKnobs);

}  // namespace hilum::phantom
