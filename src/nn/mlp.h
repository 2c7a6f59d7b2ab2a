// The two feed-forward forms: plain (vision transformers) and SiLU-gated (Llama).
#pragma once

#include <optional>
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
  Tensor forward(Ops& ops, const Tensor& x) const {
    return fc2_.forward(ops, activate(ops, activation_, fc1_.forward(ops, x)));
  }
  void params(ParamList& list) {
    fc1_.params(list);
    fc2_.params(list);
  }

 private:
  Linear fc1_, fc2_;
  Activation activation_;
};

// down(silu(gate x) · up x)
class GatedMlp {
 public:
  // Declares <name>.gate_proj, .up_proj, .down_proj; `packed`: .gate_up_proj for the first two, gate before up (Phi-3).
  GatedMlp(const std::string& name, int64_t width, int64_t hidden, bool has_bias, bool packed = false)
      : gate_(name + (packed ? ".gate_up_proj" : ".gate_proj"), width, packed ? 2 * hidden : hidden, has_bias),
        down_(name + ".down_proj", hidden, width, has_bias) {
    if (!packed) up_.emplace(name + ".up_proj", width, hidden, has_bias);
  }

  // x [R, width] -> [R, width]
  Tensor forward(Ops& ops, const Tensor& x) const {
    const Tensor gate = gate_.forward(ops, x);  // [R, hidden], or gate and up side by side
    if (up_) return down_.forward(ops, ops.gated_silu(gate, up_->forward(ops, x)));
    const int64_t hidden = gate.dim(1) / 2;
    return down_.forward(ops, ops.gated_silu(ops.slice(gate, 1, 0, hidden), ops.slice(gate, 1, hidden, hidden)));
  }
  void params(ParamList& list) {
    gate_.params(list);
    if (up_) up_->params(list);
    down_.params(list);
  }

 private:
  Linear gate_, down_;
  std::optional<Linear> up_;
};

}  // namespace hilum
