// Findings on the encoder: labels of the film, labels and boxes of its patches.
#pragma once

#include <map>
#include <span>
#include <string>

#include "models/vlm.h"
#include "nn/linear.h"
#include "train/objectives/objective.h"

namespace hilum {

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
class FindingsObjective final : public SumObjective {
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

}  // namespace hilum
