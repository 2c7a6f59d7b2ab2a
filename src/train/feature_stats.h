// The statistics behind engine/feature_distance.h, from samples.
#pragma once

#include <vector>

#include "engine/feature_distance.h"

namespace hilum {

// pooled: one feature [D] an image. `whiten` is the inverse of the Cholesky factor of the covariance, to whose diagonal
// a hundredth of its mean is added, so that directions hardly seen in training do not dominate. The threshold is left
// at 0.
FeatureStats fit_feature_stats(const std::vector<std::vector<float>>& pooled);

// The value below which `percentile` percent of the values lie (nearest rank).
double percentile_of(std::vector<double> values, double percentile);

}  // namespace hilum
