// The learning rate over a stage. Every form counts steps from 0 and is a function of the step alone, except that
// "cosine" may also follow the time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hilum {

struct Schedule {
  // Letters: t the step, T the stage's steps, W the warm-up's steps, cos(x) half a cosine, (1 + cos(pi x)) / 2.
  enum class Form {
    // Ours: peak * min(1, (t + 1) / W) * (f + (1 - f) cos(progress)), f the share of the peak that it ends at
    // (Loshchilov and Hutter 2017, with a warm-up on top).
    kCosine,
    // LAVIS's "linear_warmup_cosine_lr", as MiniGPT-4 and XrayGPT ship it. With i the step within its epoch: while
    // t < W, min(peak, warmup_rate + (peak - warmup_rate) i / W); then min_rate + (peak - min_rate) cos(t / T).
    kLinearWarmupCosine,
    // timm's CosineLRScheduler over one cycle: while t < W, warmup_rate + t (peak - warmup_rate) / W; then min_rate +
    // (peak - min_rate) cos(t / T), the warm-up's steps counted (warmup_prefix off, its default); min_rate from T on.
    kTimmCosine,
    // transformers' get_cosine_schedule_with_warmup, which LLaVA uses: W = ceil(warmup_ratio T); while t < W,
    // peak t / W; then peak cos((t - W) / (T - W)).
    kWarmupRatioCosine,
    kConstant,
  };
  Form form = Form::kCosine;
  double peak = 0;
  double final_factor = 0;               // kCosine: f
  int64_t warmup_steps = 0;              // W, but for kWarmupRatioCosine
  double warmup_rate = 0, min_rate = 0;  // kLinearWarmupCosine, kTimmCosine
  int64_t epoch_steps = 0;               // kLinearWarmupCosine: steps an epoch; 0: the stage is one
  double warmup_ratio = 0;               // kWarmupRatioCosine
  int64_t steps = 0;                     // T

  // The rate of `step`. `progress` 0..1 is the share of the stage that is over, by steps or by time, whichever is
  // further; kCosine alone looks at it.
  double rate(int64_t step, double progress) const;
};

// As recipes call them: "cosine", "linear-warmup-cosine", "timm-cosine", "warmup-ratio-cosine", "constant"; in the
// order of Schedule::Form.
const std::vector<std::string>& schedule_names();

}  // namespace hilum
