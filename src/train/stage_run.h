// One stage of a run while it goes on: what it minimises, what it updates and how, where its samples come from.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/stopwatch.h"
#include "train/checkpoint.h"
#include "train/objectives/step_runner.h"
#include "train/optimise/make_optimizer.h"
#include "train/recipe.h"
#include "train/threads/loader.h"
#include "train/train_task.h"

namespace hilum {

class StageRun {
 public:
  // Stage `index` of the recipe, going on from `state`. Freezes the task's Params as the groups say. Throws Error for a
  // group that fits nothing, a stage in which nothing is trained, and "best" weights of a task that cannot tell.
  StageRun(const Recipe& recipe, size_t index, TrainTask& task, TorchOps& ops, const RunState& state);

  const StageRecipe& recipe() const { return recipe_; }
  Objective& objective() { return *objective_; }
  StepRunner& runner() { return runner_; }
  AdamW& optimizer() { return optimizer_; }
  WeightAverage* average() { return average_ ? &*average_ : nullptr; }  // null: none is made
  std::map<std::string, Tensor>& best() { return best_; }  // the Params' data after the best epoch, where it is kept
  StageWeights weights() { return {&optimizer_, average(), &best_}; }

  int64_t steps() const { return schedule_.steps; }
  // The share that is over, by steps or by time; 1 and more: the stage has ended.
  double progress(const RunState& state) const;
  double rate(const RunState& state) const { return schedule_.rate(state.step, progress(state)); }
  // Those of the next step: a batch, or what is left of the epoch.
  std::vector<TrainSample> next_samples(const RunState& state);
  bool epoch_ended(const RunState& state) const { return epoch_ > 0 && state.stage_samples % epoch_ == 0; }
  int64_t epoch(const RunState& state) const { return static_cast<int64_t>(state.stage_samples / epoch_); }
  uint64_t epoch_samples() const { return epoch_; }  // 0: the samples have no end

 private:
  const StageRecipe& recipe_;
  uint64_t epoch_;
  Schedule schedule_;
  ParamGroups groups_;
  std::unique_ptr<Objective> objective_;
  AdamW optimizer_;
  std::optional<WeightAverage> average_;
  std::map<std::string, Tensor> best_;
  StepRunner runner_;
  Loader<TrainSample> loader_;
};

// Counts a stage's steps, samples and time.
class StageClock {
 public:
  explicit StageClock(const RunState& state) : stage_(state.stage_minutes), total_(state.total_minutes) {}

  // After a step of so many samples.
  void count(size_t samples, const StepResult& result, RunState& state);
  // Since the last restart_rates().
  double samples_per_s() const { return samples_ / since_.seconds(); }
  double units_per_s() const { return units_ / since_.seconds(); }
  void restart_rates();

 private:
  double stage_, total_;  // minutes before
  Stopwatch watch_, since_;
  double samples_ = 0, units_ = 0;
};

}  // namespace hilum
