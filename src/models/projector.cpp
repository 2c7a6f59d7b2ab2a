#include "models/projector.h"

#include "base/error.h"

namespace hilum {

Projector::Projector(const ProjectorConfig& c, const std::string& prefix) : config_(c) {
  check(c.num_layers >= 1 && c.num_layers <= 64, "projector config", std::to_string(c.num_layers) + " layers, wanted 1 to 64");
  for (int i = 0; i < c.num_layers; ++i)
    layers_.emplace_back(prefix + "layers." + std::to_string(2 * i), i == 0 ? c.in : c.out, c.out, c.has_bias);
}

Tensor Projector::forward(Ops& ops, const Tensor& features) const {
  Tensor x = layers_[0].forward(ops, features);                                                   // [..., out]
  for (size_t i = 1; i < layers_.size(); ++i) x = layers_[i].forward(ops, activate(ops, config_.activation, x));
  return ops.tag(x, "projected");
}

void Projector::params(ParamList& list) {
  for (Linear& layer : layers_) layer.params(list);
}

}  // namespace hilum
