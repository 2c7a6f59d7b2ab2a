// What to say of a step whose loss or gradient is not finite.
#pragma once

#include <span>
#include <string>

#include "base/error.h"
#include "train/objectives/objective.h"
#include "train/optimise/adamw.h"

namespace hilum {

// Names the samples (the first sixteen) and the five parameters with the largest gradients, those that are not finite
// first. `where` is the step.
Error step_failure(const std::string& where, const StepResult& result, double gradient_norm,
    std::span<const TrainSample> samples, const AdamW& optimizer);

}  // namespace hilum
