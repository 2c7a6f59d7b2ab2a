// Several micro-batches at once, each on its own thread with gradients of its own, summed in a fixed order: the result
// does not depend on timing. On a machine that others use too this keeps cores busy where threads within one call would
// wait for each other.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ops/torch/torch_ops.h"
#include "train/objective.h"

namespace hilum {

struct BatchResult {
  double loss = 0, units = 0;           // mean loss per unit; units (tokens, studies) in the batch
  std::map<std::string, double> parts;  // the objective's named sums, per unit
};

class Workers {
 public:
  // `count` workers, the first of which is `main` on the calling thread.
  Workers(TorchOps& main, int count);

  // Puts the gradient of the batch's mean loss into the leaves of `main` for the given parameters; they have none
  // before. Micro-batch i goes to worker i mod count. The units of the whole batch are counted first, so that
  // micro-batches of different lengths weigh as they would in one. Rethrows the first worker's exception,
  // std::bad_alloc only when a second try ends in it too.
  BatchResult gradients(
      Objective& objective, std::span<const TrainSample> batch, int64_t micro_batch, const ParamList& params);

 private:
  BatchResult try_gradients(
      Objective& objective, std::span<const TrainSample> batch, int64_t micro_batch, const ParamList& params);

  TorchOps& main_;
  std::vector<std::unique_ptr<TorchOps>> replicas_;  // workers 1 ..
};

}  // namespace hilum
