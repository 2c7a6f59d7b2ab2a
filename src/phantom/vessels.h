// The vessels of the lungs, branching from the hila.
#pragma once

#include "phantom/anatomy.h"

namespace hilum::phantom {

void build_vessels(Scene& scene, const Patient& patient, const Alterations& alterations, Rng& rng);

}  // namespace hilum::phantom
