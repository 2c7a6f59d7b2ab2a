#include "ops/rope.h"

#include <cmath>

#include "base/error.h"

namespace hilum {

std::vector<bool> is_long_rope(const RopeConfig& config, const RaggedBatch& batch) {
  std::vector<bool> is_long(batch.slot.size(), false);
  if (config.long_factors.empty()) return is_long;
  for (size_t first = 0, last; first < is_long.size(); first = last) {  // positions of a slot rise: its last row tells
    for (last = first; last < is_long.size() && batch.slot[last] == batch.slot[first]; ++last) {
    }
    const bool reaches = batch.position[last - 1] >= config.short_context;
    for (size_t r = first; r < last; ++r) is_long[r] = reaches;
  }
  return is_long;
}

void rope_angles(const RopeConfig& c, int64_t position, bool is_long, float* cos, float* sin) {
  const std::vector<float>& factors = is_long ? c.long_factors : c.short_factors;
  const int64_t half = c.head_dim / 2;
  invariant(factors.empty() || static_cast<int64_t>(factors.size()) == half, "rope: a factor for each pair");
  for (int64_t i = 0; i < half; ++i) {
    const double slower = factors.empty() ? 1.0 : static_cast<double>(factors[static_cast<size_t>(i)]);
    const double angle = static_cast<double>(position) / c.linear_factor *
                         std::pow(static_cast<double>(c.theta), -2.0 * static_cast<double>(i) / c.head_dim) / slower;
    cos[i] = static_cast<float>(std::cos(angle) * c.magnitude);
    sin[i] = static_cast<float>(std::sin(angle) * c.magnitude);
  }
}

}  // namespace hilum
