// What a stage minimises, and the samples it is fed.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "models/vlm.h"
#include "nn/linear.h"
#include "ops/torch/torch_ops.h"

namespace hilum {

// One study as training sees it. Made by a loader thread; the parts an objective does not use stay empty.
struct TrainSample {
  std::vector<float> pixels;  // [images, C, H, W], preprocessed, in the order of their tokens
  int images = 0;
  std::vector<int32_t> ids;         // prompt (image tokens expanded) and answer, ending with the stop token
  size_t prompt = 0;                // ids[prompt..] are the answer: what the loss is on
  std::vector<float> weights;       // of the answer's tokens in the loss; empty: 1 each
  std::vector<float> labels;        // [K] 1 where the kind is in the study
  std::vector<float> patch_labels;  // [P, K] 1 where a patch shows the kind
  std::vector<float>
      patch_weights;  // [P, K] weight of each patch label and of its box: small findings count like larger ones
  std::vector<float>
      patch_boxes;  // [P, K, 4] the box's edges x0, y0, x1, y1 relative to the patch's centre, 0..1 of the image
};

class Objective {
 public:
  virtual ~Objective() = default;
  // How many units (tokens, studies) a sample's loss is a sum over.
  virtual double valid_count(const TrainSample& sample) const = 0;
  // The loss summed over the samples' units: a scalar in the autograd graph. `parts` (may grow) gets named sums for the
  // log.
  virtual at::Tensor loss_sum(
      TorchOps& ops, std::span<const TrainSample> samples, std::map<std::string, double>& parts) = 0;
  // What it trains, the model's and its own.
  virtual ParamList params() = 0;
};

// Heads on the encoder that training alone has: what an image shows, what each patch shows, and where the edges of its
// box are. Dense targets teach a small encoder quickly.
class FindingsHeads {
 public:
  FindingsHeads(int64_t width, int kinds);
  // features [B, P, D] of the samples' frontal films -> summed over samples: binary cross-entropy on the image's labels
  // (from mean-pooled features) and on each patch's labels, and the distance of the boxes that positive patches
  // predict, each weighted as its label.
  at::Tensor loss_sum(TorchOps& ops, const Tensor& features, std::span<const TrainSample> samples,
      std::map<std::string, double>& parts) const;
  void params(ParamList& list);

 private:
  int kinds_;
  Linear label_, patch_, box_;  // D -> K, K, 4 K
};

// The encoder alone, under the heads.
class FindingsObjective final : public Objective {
 public:
  FindingsObjective(Vlm& model, FindingsHeads& heads) : model_(model), heads_(heads) {}
  double valid_count(const TrainSample&) const override { return 1; }
  at::Tensor loss_sum(
      TorchOps& ops, std::span<const TrainSample> samples, std::map<std::string, double>& parts) override;
  ParamList params() override;

 private:
  Vlm& model_;
  FindingsHeads& heads_;
};

// The whole model: cross-entropy of each answer token, times its weight, given the images, the prompt and the answer so
// far; beside it, so that the encoder keeps its eye for findings, their loss on each frontal film, counted as
// `findings_weight` tokens (0: none).
class TokensObjective final : public Objective {
 public:
  TokensObjective(Vlm& model, FindingsHeads& heads, double findings_weight)
      : model_(model), heads_(heads), findings_weight_(findings_weight) {}
  double valid_count(const TrainSample& sample) const override {
    return static_cast<double>(sample.ids.size() - sample.prompt);
  }
  at::Tensor loss_sum(
      TorchOps& ops, std::span<const TrainSample> samples, std::map<std::string, double>& parts) override;
  ParamList params() override;

 private:
  Vlm& model_;
  FindingsHeads& heads_;
  double findings_weight_;
};

// The pictures of the samples as one host tensor [N, C, H, W]; `first_only`: the frontal film of each alone.
Tensor stack_pixels(const VitConfig& config, std::span<const TrainSample> samples, bool first_only = false);

}  // namespace hilum
