// A run in one safetensors file: parameters, what the optimiser keeps, and the counters all randomness is drawn from.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "ops/torch/torch_ops.h"
#include "tensor/param.h"
#include "train/optimise/adamw.h"
#include "train/optimise/weight_average.h"
#include "train/run_state.h"

namespace hilum {

// What a stage keeps beside the parameters.
struct StageWeights {
  AdamW* optimizer = nullptr;
  WeightAverage* average = nullptr;               // null: none is made
  std::map<std::string, Tensor>* best = nullptr;  // parameters of the epoch that validated best, by name
};

// Writes beside, then renames: the file is the old or the new one, never a mixture. Values come from the leaves of
// `ops`. `stage`: null between stages.
void write_checkpoint(const std::filesystem::path& path, const RunState& state, const std::string& recipe,
    TorchOps& ops, const ParamList& params, const StageWeights* stage);

// The counters alone, to know which stage to build; and the recipe the file was written with.
RunState read_checkpoint_state(const std::filesystem::path& path);
std::string read_checkpoint_recipe(const std::filesystem::path& path);

// Gives every Param its data, and a stage what it keeps. Throws Error naming a tensor that is missing or has another
// shape.
void read_checkpoint_params(const std::filesystem::path& path, const ParamList& params);
void read_checkpoint_stage(const std::filesystem::path& path, const StageWeights& stage);

}  // namespace hilum
