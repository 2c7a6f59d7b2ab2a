// Learning rate over a stage: linear warm-up, then half a cosine down to a share of the peak (Loshchilov and Hutter,
// 2017).
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace hilum {

struct Schedule {
  double peak = 0, final_factor = 0;
  int64_t warmup_steps = 0;

  // The rate of 0-based `step`; `progress` 0..1 is the share of the stage that is over (by steps or by time, whichever
  // is further).
  double rate(int64_t step, double progress) const {
    const double warmup =
        warmup_steps > 0 ? std::min(1.0, static_cast<double>(step + 1) / static_cast<double>(warmup_steps)) : 1.0;
    const double cosine = 0.5 * (1 + std::cos(3.141592653589793 * std::clamp(progress, 0.0, 1.0)));
    return peak * warmup * (final_factor + (1 - final_factor) * cosine);
  }
};

}  // namespace hilum
