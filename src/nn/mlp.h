// The two feed-forward forms: plain (vision transformers) and SiLU-gated (Llama).
#pragma once

#include <string>

#include "nn/activation.h"
#include "nn/linear.h"

namespace hilum {

// fc2(act(fc1 x))
class Mlp {
 public:
  Mlp(const std::string& fc1, const std::string& fc2, int64_t width, int64_t hidden, Activation activation)
      : fc1_(fc1, width, hidden, true), fc2_(fc2, hidden, width, true), activation_(activation) {}

  // x [..., width] -> [..., width]
  Tensor forward(Ops& ops, const Tensor& x) const { return fc2_.forward(ops, activate(ops, activation_, fc1_.forward(ops, x))); }
  void params(ParamList& list) { fc1_.params(list), fc2_.params(list); }

 private:
  Linear fc1_, fc2_;
  Activation activation_;
};

// down(silu(gate x) · up x)
class GatedMlp {
 public:
  // Declares <name>.gate_proj, .up_proj, .down_proj.
  GatedMlp(const std::string& name, int64_t width, int64_t hidden, bool has_bias)
      : gate_(name + ".gate_proj", width, hidden, has_bias), up_(name + ".up_proj", width, hidden, has_bias),
        down_(name + ".down_proj", hidden, width, has_bias) {}

  // x [..., width] -> [..., width]
  Tensor forward(Ops& ops, const Tensor& x) const {
    return down_.forward(ops, ops.gated_silu(gate_.forward(ops, x), up_.forward(ops, x)));  // gate, up [..., hidden]
  }
  void params(ParamList& list) { gate_.params(list), up_.params(list), down_.params(list); }

 private:
  Linear gate_, up_, down_;
};

}  // namespace hilum
