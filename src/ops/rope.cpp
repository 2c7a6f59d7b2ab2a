#include "ops/rope.h"

#include <cmath>

namespace hilum {

bool is_long_rope(const RopeConfig& config, const BatchPlan& plan, const BatchRun& run) {
  if (config.long_factors.empty()) return false;
  const auto last = static_cast<size_t>(run.first + run.count - 1);  // positions of a slot rise: its last row tells
  return plan.batch().position[last] >= config.short_context;
}

void rope_angles(const RopeConfig& c, int64_t position, bool is_long, float* cos, float* sin) {
  const std::vector<float>& factors = is_long ? c.long_factors : c.short_factors;
  const int64_t half = c.head_dim / 2;
  for (int64_t i = 0; i < half; ++i) {
    const double slower = factors.empty() ? 1.0 : static_cast<double>(factors[static_cast<size_t>(i)]);
    const double angle = static_cast<double>(position) / c.linear_factor *
                         std::pow(static_cast<double>(c.theta), -2.0 * static_cast<double>(i) / c.head_dim) / slower;
    cos[i] = static_cast<float>(std::cos(angle) * c.magnitude);
    sin[i] = static_cast<float>(std::sin(angle) * c.magnitude);
  }
}

}  // namespace hilum
