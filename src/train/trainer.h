// The one training loop: stages of steps, each step some samples, a loss, gradients, one update. What is trained, on
// what and towards what is the task's (train_task.h).
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "train/checkpoint.h"
#include "train/recipe.h"
#include "train/train_task.h"

namespace hilum {

class StageRun;
class TrainLog;

class Trainer {
 public:
  // Gives the task's Params their first values or those of the checkpoint; writes nothing. Throws Error when `output`
  // holds a run already and resume is off, or resume is on and there is no checkpoint or one of another recipe.
  Trainer(const Recipe& recipe, TrainTask& task, const TrainOptions& options);
  ~Trainer();

  // Runs the stages that are left; the Params then hold the trained values. Throws Error naming step, samples and
  // gradients when the loss or a gradient is not finite, and where a file cannot be written; the last checkpoint stays.
  void run();

  // Looks at the stages that are left as run() does before their first steps: groups, and the memory each needs, which
  // is told. Throws Error where run() would. Trains and writes nothing.
  void dry_run();

  const RunState& state() const { return state_; }
  bool stopped() const { return stopped_; }
  // Called after every step; true ends run() there, with a checkpoint (used by tests and by Ctrl-C).
  std::function<bool(const RunState&)> stop_after_step;

 private:
  void take_up();  // the state and the Params of the checkpoint
  void run_stage(size_t index);
  void tell_memory(StageRun& stage, size_t index);  // and throws Error where there is not enough
  void end_epoch(StageRun& stage);                  // validates, and keeps the weights where they are the best so far
  void keep_weights(StageRun& stage);               // gives the Params the weights that the stage ends with
  [[noreturn]] void fail(
      StageRun& stage, const StepResult& result, double norm, const std::vector<TrainSample>& samples);
  void save(const StageWeights* stage);
  std::filesystem::path checkpoint_path() const { return options_.output / "checkpoint.safetensors"; }

  const Recipe& recipe_;
  TrainTask& task_;
  TrainOptions options_;
  TorchOps ops_;
  RunState state_;
  std::unique_ptr<TrainLog> log_;
  std::string validation_note_;  // of the epoch before, for the progress bar
  bool resumed_ = false, stopped_ = false;
};

}  // namespace hilum
