// Spine, ribs, clavicles, scapulae, humeri, sternum.
#pragma once

#include "phantom/anatomy.h"

namespace hilum::phantom {

void build_bones(Scene& scene, const Patient& patient, const Pose& pose, Landmarks& landmarks, Rng& rng);

// A rib's shape of bone along a centre line.
Tube rib_tube(std::vector<Vec3> points, float radius_mm, float bone);

}  // namespace hilum::phantom
