#include "train/objectives/step_runner.h"

namespace hilum {

StepResult SumObjective::step(StepRunner& run, std::span<const TrainSample> samples) {
  double units = 0;
  for (const TrainSample& sample : samples) units += valid_count(sample);
  return run.for_each_piece(
      samples, units, [&](TorchOps& ops, std::span<const TrainSample> piece, size_t, StepResult& sums) {
        const at::Tensor mean = loss_sum(ops, piece, sums.parts).div(units);
        mean.backward();
        sums.loss += mean.item<float>();
      });
}

}  // namespace hilum
