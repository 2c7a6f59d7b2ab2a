// The training loop of the demo model: stages of steps, each step a batch of samples, a loss, gradients, one update.
// Adapters, which learn from stored embeddings, have their own (adapter_train.cpp).
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "train/checkpoint.h"
#include "train/objectives/objective.h"
#include "train/recipe.h"

namespace hilum {

// What a run trains: the model, its samples, and what each stage minimises.
class TrainTask {
 public:
  virtual ~TrainTask() = default;
  // Everything that is trained: the model's parameters and those of its heads.
  virtual ParamList params() = 0;
  virtual void initialise_params(const ParamList& params) = 0;
  virtual std::unique_ptr<Objective> objective(const StageRecipe& stage) = 0;
  // Sample `index` of the run, the same whatever the thread or the moment. Called from loader threads.
  virtual TrainSample sample(const StageRecipe& stage, uint64_t index) const = 0;
};

class TrainLog;

struct TrainOptions {
  std::filesystem::path output;  // checkpoint.safetensors, train.jsonl, loss.png
  bool resume = false;
  std::string device = "cpu";
};

class Trainer {
 public:
  // Throws Error when `output` holds a run already and resume is off, or resume is on and there is no checkpoint.
  Trainer(const Recipe& recipe, TrainTask& task, const TrainOptions& options);
  ~Trainer();

  // Runs the stages that are left; the Params then hold the trained values. Throws Error naming the step when the loss
  // or a gradient is not finite; the last checkpoint stays.
  void run();

  const RunState& state() const { return state_; }
  // Called after every step; true ends run() there, with a checkpoint (used by tests and by Ctrl-C).
  std::function<bool(const RunState&)> stop_after_step;

 private:
  void run_stage(const StageRecipe& stage);
  std::filesystem::path checkpoint_path() const { return options_.output / "checkpoint.safetensors"; }

  const Recipe& recipe_;
  TrainTask& task_;
  TrainOptions options_;
  TorchOps ops_;
  RunState state_;
  std::unique_ptr<TrainLog> log_;
  bool resumed_ = false, stopped_ = false;
};

}  // namespace hilum
