// Runs a step in pieces, several at once, each on its own thread with gradients of its own, summed in a fixed order:
// the result does not depend on timing. On a machine that others use too this keeps cores busy where threads within one
// call would wait for each other.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "train/objectives/objective.h"

namespace hilum {

class StepRunner {
 public:
  // `workers` of them, the first of which is `main` on the calling thread. A piece has at most `micro_batch` samples.
  // `params`: the objective's.
  StepRunner(TorchOps& main, int workers, int64_t micro_batch, ParamList params);

  // Has the objective put the gradient of the samples' mean loss into the leaves of `main`; they have none before.
  // Rethrows the first worker's exception, std::bad_alloc only when a second try ends in it too.
  StepResult step(Objective& objective, std::span<const TrainSample> samples);

  // What objectives call.

  // Work on one piece, the samples from `first` on; adds to `sums` its share of the mean loss and its named sums.
  using Piece = std::function<void(TorchOps& ops, std::span<const TrainSample> piece, size_t first, StepResult& sums)>;
  // Runs every piece of the samples. What has been added to `sums.parts` comes back divided by `units`; gradients that
  // the pieces left in the leaves are added up in those of `main`.
  StepResult for_each_piece(std::span<const TrainSample> samples, double units, const Piece& work);
  size_t pieces(size_t samples) const { return (samples + micro_batch_ - 1) / micro_batch_; }
  size_t micro_batch() const { return micro_batch_; }
  TorchOps& main() { return main_; }

 private:
  void clear_gradients();
  void add_up_gradients();

  TorchOps& main_;
  std::vector<std::unique_ptr<TorchOps>> replicas_;  // workers 1 ..
  size_t micro_batch_;
  ParamList params_;
};

}  // namespace hilum
