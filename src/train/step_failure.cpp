#include "train/step_failure.h"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

namespace hilum {

Error step_failure(const std::string& where, const StepResult& result, double gradient_norm,
    std::span<const TrainSample> samples, const AdamW& optimizer) {
  constexpr size_t kNamed = 16, kGradients = 5;
  std::string named, gradients;
  for (size_t i = 0; i < std::min(samples.size(), kNamed); ++i)
    named += (named.empty() ? "" : ", ") + (samples[i].id.empty() ? fmt::format("number {}", i + 1) : samples[i].id);
  if (samples.size() > kNamed) named += fmt::format(" and {} more", samples.size() - kNamed);
  for (const auto& [name, norm] : optimizer.largest_gradients(kGradients))
    gradients += fmt::format("{}{} ({})", gradients.empty() ? "" : ", ", name,
        std::isfinite(norm) ? fmt::format("{:.3g}", norm) : "not finite");
  return Error(where,
      fmt::format("loss {} and gradient norm {} are not finite. Samples: {}. Largest gradients: {}", result.loss,
          gradient_norm, named, gradients),
      "Lower the learning rate or clip_norm and go on from the last checkpoint with --resume, or leave those out.");
}

}  // namespace hilum
