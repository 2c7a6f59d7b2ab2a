#pragma once

#include <limits>

namespace hilum {

// What a metric gives where it has no value (no positives, no pairs): not 0. Tables show it as a dash, JSON as null.
inline constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

}  // namespace hilum
