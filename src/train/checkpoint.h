// Where a run stands, in one safetensors file: parameters, the optimiser's moments, and the counters all randomness is
// drawn from.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "ops/torch/torch_ops.h"
#include "tensor/param.h"
#include "train/optimise/adamw.h"

namespace hilum {

// Samples are drawn from (seed, counter), so these numbers are the whole state of the random numbers.
struct RunState {
  int64_t stage = 0;         // index in the recipe
  int64_t step = 0;          // optimiser steps done in the stage
  uint64_t next_sample = 0;  // over all stages
  double stage_minutes = 0, total_minutes = 0;
  bool operator==(const RunState&) const = default;
};

// Writes beside, then renames: the file is the old or the new one, never a mixture. Values come from the leaves of
// `ops`.
void write_checkpoint(const std::filesystem::path& path, const RunState& state, const std::string& recipe,
    TorchOps& ops, const ParamList& params, AdamW* optimizer);

// The counters alone, to know which stage to build.
RunState read_checkpoint_state(const std::filesystem::path& path);

// Gives every Param its data and the optimiser its moments. Throws Error naming a tensor that is missing or has another
// shape.
void read_checkpoint_params(const std::filesystem::path& path, const ParamList& params);
void read_checkpoint_optimizer(const std::filesystem::path& path, AdamW& optimizer);

}  // namespace hilum
