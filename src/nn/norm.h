// Normalisation over the last dimension, each row on its own.
#pragma once

#include <string>

#include "ops/ops.h"

namespace hilum {

// (x - mean) / sqrt(var + eps) * weight + bias
class LayerNorm {
 public:
  LayerNorm(const std::string& name, int64_t width, float eps) : eps_(eps) {
    weight.declare(name + ".weight", {width});
    bias.declare(name + ".bias", {width});
  }
  Tensor forward(Ops& ops, const Tensor& x) const {
    return ops.layer_norm(x, weight, bias, eps_);
  }  // [..., width], same shape
  void params(ParamList& list) { list.insert(list.end(), {&weight, &bias}); }

  Param weight, bias;

 private:
  float eps_;
};

// x / sqrt(mean(x²) + eps) * weight
class RmsNorm {
 public:
  RmsNorm(const std::string& name, int64_t width, float eps) : eps_(eps) { weight.declare(name + ".weight", {width}); }
  Tensor forward(Ops& ops, const Tensor& x) const { return ops.rms_norm(x, weight, eps_); }  // [..., width], same shape
  void params(ParamList& list) { list.push_back(&weight); }

  Param weight;

 private:
  float eps_;
};

}  // namespace hilum
