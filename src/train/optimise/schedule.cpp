#include "train/optimise/schedule.h"

#include <algorithm>
#include <cmath>

namespace hilum {
namespace {

double half_cosine(double share) { return 0.5 * (1 + std::cos(3.141592653589793 * share)); }

double over(int64_t part, int64_t whole) { return static_cast<double>(part) / static_cast<double>(whole); }

}  // namespace

double Schedule::rate(int64_t step, double progress) const {
  switch (form) {
    case Form::kCosine: {
      const double warmup = warmup_steps > 0 ? std::min(1.0, over(step + 1, warmup_steps)) : 1.0;
      const double cosine = half_cosine(std::clamp(progress, 0.0, 1.0));
      return peak * warmup * (final_factor + (1 - final_factor) * cosine);
    }
    case Form::kLinearWarmupCosine: {
      const int64_t within = epoch_steps > 0 ? step % epoch_steps : step;
      if (step < warmup_steps) return std::min(peak, warmup_rate + (peak - warmup_rate) * over(within, warmup_steps));
      return (peak - min_rate) * half_cosine(over(step, steps)) + min_rate;
    }
    case Form::kTimmCosine:
      if (step < warmup_steps) return warmup_rate + (peak - warmup_rate) * over(step, warmup_steps);
      return step < steps ? min_rate + (peak - min_rate) * half_cosine(over(step, steps)) : min_rate;
    case Form::kWarmupRatioCosine: {
      const auto warmup = static_cast<int64_t>(std::ceil(warmup_ratio * static_cast<double>(steps)));
      if (step < warmup) return peak * over(step, warmup);
      return peak * half_cosine(over(step - warmup, std::max<int64_t>(1, steps - warmup)));
    }
    case Form::kConstant: return peak;
  }
  return peak;
}

const std::vector<std::string>& schedule_names() {
  static const std::vector<std::string> names{
      "cosine", "linear-warmup-cosine", "timm-cosine", "warmup-ratio-cosine", "constant"};
  return names;
}

}  // namespace hilum
