// First values of a model that is trained from nothing.
#pragma once

#include <cstdint>

#include "tensor/param.h"

namespace hilum {

struct InitialiseConfig {
  uint64_t seed = 0;
  double layer_scale = 1.0;
  int encoder_depth = 1,
      language_depth = 1;  // layers that end in the residual stream start smaller by 1 / sqrt(2 * depth)
};

// Gives every Param F32 data by its name and shape; a Param's values depend on the seed and its name alone.
// Matrices: normal cut at two deviations, deviation 0.55 / sqrt(fan in) (0.02 at width 768, as published models start).
// Norms one, biases zero, "lambda1" layer_scale, "position_embeddings" of a class token and a square grid: fixed sine
// and cosine of both coordinates (He et al. 2022, MAE), from which they are trained on.
void initialise(const ParamList& params, const InitialiseConfig& config);

}  // namespace hilum
