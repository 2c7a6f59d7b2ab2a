// What training minimises. An objective is handed the samples of a whole step, for some losses couple them all; it
// spreads the work over pieces of the step through a StepRunner and does not know how many workers there are.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "ops/torch/torch_ops.h"
#include "train/objectives/train_sample.h"

namespace hilum {

class StepRunner;

struct StepResult {
  double loss = 0, units = 0;           // mean loss a unit; units (tokens, studies) in the step
  std::map<std::string, double> parts;  // the objective's named sums for the log, a unit
};

class Objective {
 public:
  virtual ~Objective() = default;
  // Every parameter the loss depends on, the model's and its own, frozen ones too.
  virtual ParamList params() = 0;
  // Puts the gradient of the step's mean loss into the leaves of run.main(); they have none before.
  virtual StepResult step(StepRunner& run, std::span<const TrainSample> samples) = 0;
};

// A loss that is a sum over the samples' units, each on its own: pieces of a step are run forward and backward one by
// one.
class SumObjective : public Objective {
 public:
  // How many units (tokens, studies) a sample's loss is a sum over.
  virtual double valid_count(const TrainSample& sample) const = 0;
  // The loss summed over the samples' units: a scalar in the autograd graph. `parts` (may grow) gets named sums for the
  // log. Called on several threads at once.
  virtual at::Tensor loss_sum(
      TorchOps& ops, std::span<const TrainSample> samples, std::map<std::string, double>& parts) = 0;
  // The units of the whole step are counted first, so that pieces of different lengths weigh as they would in one.
  StepResult step(StepRunner& run, std::span<const TrainSample> samples) final;
};

// A loss over the embeddings of all samples of a step, such as a contrastive one. A step of more than one piece takes
// two passes (GradCache: Gao et al. 2021, arXiv 2101.06983), so that memory grows with the piece and not with the step:
// the embeddings of every piece without gradients; the loss over all of them, which gives each embedding's gradient;
// each piece again, its embeddings' gradients led on into the parameters. The result is that of one piece.
class PairObjective : public Objective {
 public:
  // One tensor a kind of embedding (images, texts), a row a sample; any fixed number of them. The same samples give the
  // same rows every time, whatever they stand beside. Called on several threads at once.
  virtual std::vector<at::Tensor> embed(TorchOps& ops, std::span<const TrainSample> samples) = 0;
  // The mean loss over the samples, a scalar in the autograd graph: `embeddings` as embed() gives them for all.
  virtual at::Tensor loss(TorchOps& ops, const std::vector<at::Tensor>& embeddings,
      std::span<const TrainSample> samples, std::map<std::string, double>& parts) = 0;
  StepResult step(StepRunner& run, std::span<const TrainSample> samples) final;
};

}  // namespace hilum
