// Encoder features -> language model width: linear, then (GELU, linear) n - 1 times.
// With `merge` m > 1, m x m neighbouring patches become one token first, their features side by side, so that fine
// patches stay affordable to the language model (the "pixel shuffle" of Idefics and InternVL, the patch merger of
// Qwen2-VL). Source: MAIRA-2's Maira2MultiModalProjector ("layers.0", "layers.2", ...: the odd places are the GELUs);
// LLaVA's is n = 2, XrayGPT's n = 1.
#pragma once

#include <deque>
#include <string>

#include "nn/activation.h"
#include "nn/linear.h"

namespace hilum {

struct ProjectorConfig {  // defaults: MAIRA-2
  int in = 768, out = 4096, num_layers = 4;
  Activation activation = Activation::kGelu;
  bool has_bias = true;
  int merge = 1;  // patches along each side that make one token
};

class Projector {
 public:
  Projector(const ProjectorConfig& config, const std::string& prefix);
  // features [N, P, in] -> [N, P / merge², out]; with merge > 1 the P patches are a square. Tag: "projected".
  Tensor forward(Ops& ops, const Tensor& features) const;
  void params(ParamList& list);
  const ProjectorConfig& config() const { return config_; }

 private:
  ProjectorConfig config_;
  std::deque<Linear> layers_;
};

}  // namespace hilum
