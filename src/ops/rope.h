// Rotary angles, the same for every backend.
#pragma once

#include <span>
#include <vector>

#include "ops/ops.h"

namespace hilum {

// Whether the sequence of each run reaches past config.short_context in this pass; false without longrope.
bool is_long_rope(const RopeConfig& config, const BatchPlan& plan, const BatchRun& run);

// cos and sin of the angles at `position`, times the magnitude; [d/2] each. Angles are made in double.
// Source: Su et al. 2021; longrope: transformers' _compute_longrope_parameters (Ding et al. 2024).
void rope_angles(const RopeConfig& config, int64_t position, bool is_long, float* cos, float* sin);

}  // namespace hilum
