// The optimiser of a stage: every parameter that is not frozen, as its group says.
#pragma once

#include "ops/torch/torch_ops.h"
#include "train/optimise/adamw.h"
#include "train/optimise/param_groups.h"

namespace hilum {

// An entry a parameter of `params` that is not frozen, in their order; `weight_decay` is that of the stage.
AdamW make_optimizer(
    TorchOps& ops, const AdamWConfig& config, const ParamList& params, const ParamGroups& groups, double weight_decay);

}  // namespace hilum
