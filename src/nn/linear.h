// x · weightᵀ + bias.
#pragma once

#include <string>

#include "ops/ops.h"

namespace hilum {

class Linear {
 public:
  // Declares "<name>.weight" [out, in] and, with has_bias, "<name>.bias" [out].
  Linear(const std::string& name, int64_t in, int64_t out, bool has_bias) {
    weight.declare(name + ".weight", {out, in});
    if (has_bias) bias.declare(name + ".bias", {out});
  }

  // x [..., in] -> [..., out]
  Tensor forward(Ops& ops, const Tensor& x) const { return ops.linear(x, weight, bias.declared() ? &bias : nullptr); }

  void params(ParamList& list) {
    list.push_back(&weight);
    if (bias.declared()) list.push_back(&bias);
  }

  Param weight, bias;
};

}  // namespace hilum
