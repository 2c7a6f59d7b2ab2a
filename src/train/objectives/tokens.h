// The next token of an answer on the whole model.
#pragma once

#include <map>
#include <span>
#include <string>

#include "train/objectives/findings.h"

namespace hilum {

// The whole model: cross-entropy of each answer token, times its weight, given the images, the prompt and the answer so
// far; beside it, so that the encoder keeps its eye for findings, their loss on each frontal film, counted as
// `findings_weight` tokens (0: none).
class TokensObjective final : public SumObjective {
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

}  // namespace hilum
