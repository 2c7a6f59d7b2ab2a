// What a run trains: the seam between the one loop (trainer.h) and everything it trains.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "train/objectives/objective.h"
#include "train/optimise/param_groups.h"
#include "train/run_state.h"

namespace hilum {

struct TrainOptions {
  std::filesystem::path output;  // checkpoint.safetensors, train.jsonl, loss_<stage>.png, and the task's result
  bool resume = false;
  std::string device = "cpu";
};

// How good the present weights are on samples that are not trained on.
struct Validation {
  double score = 0;     // the lower the better: what "best" means
  std::string metrics;  // for the log: a JSON object
  std::string note;     // for the progress bar
};

class TrainTask {
 public:
  virtual ~TrainTask() = default;

  // Everything that is trained: the model's parameters and those of its heads.
  virtual ParamList params() = 0;
  virtual void initialise_params(const ParamList& params) = 0;

  // By the number of the stage in the recipe's core:
  virtual std::unique_ptr<Objective> objective(size_t stage) = 0;
  // The same whatever the thread or the moment; called from loader threads. `index` counts the run's samples where they
  // have no end, else the stage's, which go round epoch_samples() in an order that may differ from one to the next.
  virtual TrainSample sample(size_t stage, uint64_t index) const = 0;
  // Groups behind those of the recipe.
  virtual std::vector<ParamGroup> groups(size_t /*stage*/) const { return {}; }
  // What the loss is a mean over, for the axis of its curve.
  virtual std::string loss_unit(size_t /*stage*/) const { return "loss"; }

  // Samples of an epoch; 0: they have no end. An epoch's last step has what is left of it.
  virtual uint64_t epoch_samples() const { return 0; }
  // After each epoch, on the data of the Params; nothing: there is no telling.
  virtual std::optional<Validation> validate() { return std::nullopt; }

  // Once all stages are done: writes what the run was for under options.output, from the data of the Params.
  virtual void write_result(const TrainOptions& options, const RunState& state) = 0;
};

}  // namespace hilum
