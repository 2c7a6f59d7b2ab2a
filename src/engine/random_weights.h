// Random weights for benches and shape checks: speed does not depend on their values, only on their being ordinary
// numbers.
#pragma once

#include <cstdint>

#include "base/rng.h"
#include "tensor/param.h"

namespace hilum {

// Normal values of standard deviation 0.02 (norm weights and LayerScale 1), stored as F32, F16 or BF16. Parameters look
// into one pool that is as large as the largest of them, each from a place of its own: a model of billions of
// parameters costs the memory and time of one matrix.
class RandomWeights {
 public:
  // For parameters like these. The same seed gives the same values for the same sequence of calls.
  RandomWeights(uint64_t seed, const ParamList& params, DType storage);
  Tensor operator()(const Param& param);  // not to be written to

 private:
  Rng rng_;
  Tensor pool_, ones_;  // [largest parameter + kPlaces]; [largest norm weight]
};

void fill_random(const ParamList& params, uint64_t seed, DType storage);

}  // namespace hilum
