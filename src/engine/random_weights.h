// Random weights for benches and shape checks: speed does not depend on their values, only on their being ordinary numbers.
#pragma once

#include <cstdint>

#include "tensor/param.h"

namespace hilum {

// Gives every declared parameter normal values of standard deviation 0.02 (norm weights and LayerScale 1), stored as `storage`
// (F32, F16 or BF16). The same seed gives the same values for the same list.
void fill_random(const ParamList& params, uint64_t seed, DType storage);

}  // namespace hilum
