// The core of a training recipe, the same for everything that is trained: the run, and its stages with schedule,
// optimiser and parameter groups. What is trained on what is the task's own (phantom_recipe.h, adapter_recipe.h). A
// recipe is a TOML file (recipes/*.toml); a missing or unknown key is an error.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "train/optimise/param_groups.h"
#include "train/optimise/schedule.h"

namespace hilum {

// One stage of a run: for how long, and how.
struct StageRecipe {
  std::string name;
  int64_t steps = 0;       // optimiser steps; the schedule ends here. 0: `epochs` say
  int64_t epochs = 0;      // passes over the samples, for tasks that have a number of them
  double max_minutes = 0;  // > 0: the stage also ends, and its schedule with it, after this time; 0: by steps alone
  int64_t batch = 0, micro_batch = 0;  // samples a step, samples at once (memory); gradients of a step are summed
  Schedule schedule;                   // but for its steps
  double weight_decay = 0, beta1 = 0, beta2 = 0, eps = 0;
  double clip_norm = 0;      // 0: gradients are not clipped
  double average_decay = 0;  // of the weights' moving average (EMA); 0: none is kept
  enum class Keep { kLast, kBest, kAverage };
  Keep keep = Keep::kLast;  // which weights the stage ends with: kBest, those of the epoch that validates best
  std::vector<ParamGroup> groups;
  std::string groups_at = "groups";  // their key, for errors
};

struct Recipe {
  struct Run {
    std::string name;
    uint64_t seed = 0;
    int workers = 1, threads_per_worker = 1;  // micro-batches at once; threads within each call of one, 0: all cores
    int loader_threads = 1, prefetch = 64;    // prefetch: samples made ahead
    double checkpoint_minutes = 10;
    int64_t checkpoint_steps = 0;  // 0: by minutes alone
    int64_t log_steps = 0;         // 0: no steps, but for each epoch's end
    std::string products = "f32";  // or "bf16": what weights are multiplied in; sums and the rest stay F32
  } run;
  std::vector<StageRecipe> stages;
  std::string text;  // the effective recipe as TOML, overrides applied
};

class RecipeReader;

// [run]: name and seed, and what a run of workers and checkpoints needs.
void read_run(RecipeReader& in, Recipe::Run& run);
// A stage whose keys begin with `prefix` ("stage.whole."); `keep` is the key that says which weights it ends with.
// Throws Error for schedules that do not go together with max_minutes, and for a kept average that is not made.
void read_stage(RecipeReader& in, const std::string& prefix, StageRecipe& stage, const std::string& keep = "keep");

// The first key by name that has another value in one of two effective recipes and changes what is learnt; empty where
// there is none. `workers_differ` (may be null) is set where the number of workers or threads does,
// which changes the last digits alone.
struct RecipeDifference {
  std::string key, then, now;
};
RecipeDifference first_difference(const std::string& then, const std::string& now, bool* workers_differ = nullptr);

}  // namespace hilum
