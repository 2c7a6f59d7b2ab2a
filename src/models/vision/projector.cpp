#include "models/vision/projector.h"

#include <cmath>

#include "base/error.h"

namespace hilum {
namespace {

// features [N, P, D] -> [N, P / m², m² D]: the patches of each m x m square side by side, rows first.
Tensor merge_patches(Ops& ops, const Tensor& features, int m) {
  const int64_t images = features.dim(0), patches = features.dim(1), width = features.dim(2);
  const auto side = static_cast<int64_t>(std::lround(std::sqrt(static_cast<double>(patches))));
  invariant(side * side == patches && side % m == 0, "whole squares of patches");
  std::vector<int32_t> order;
  order.reserve(static_cast<size_t>(images * patches));
  for (int64_t n = 0; n < images; ++n)
    for (int64_t row = 0; row < side; row += m)
      for (int64_t column = 0; column < side; column += m)
        for (int64_t y = row; y < row + m; ++y)
          for (int64_t x = column; x < column + m; ++x)
            order.push_back(static_cast<int32_t>(n * patches + y * side + x));
  const Tensor rows = ops.gather_rows(ops.reshape(features, {images * patches, width}), order);  // [N P, D]
  return ops.reshape(rows, {images, patches / (m * m), m * m * width});
}

}  // namespace

Projector::Projector(const ProjectorConfig& c, const std::string& prefix) : config_(c) {
  check(c.merge >= 1 && c.merge <= 8, "projector config",
      "merges " + std::to_string(c.merge) + " x " + std::to_string(c.merge) + " patches, wanted 1 to 8");
  check(c.num_layers >= 1 && c.num_layers <= 64, "projector config",
      std::to_string(c.num_layers) + " layers, wanted 1 to 64");
  for (int i = 0; i < c.num_layers; ++i)
    layers_.emplace_back(prefix + "layers." + std::to_string(2 * i), i == 0 ? int64_t{c.in} * c.merge * c.merge : c.out,
        c.out, c.has_bias);
}

Tensor Projector::forward(Ops& ops, const Tensor& features) const {
  const Tensor merged = config_.merge > 1 ? merge_patches(ops, features, config_.merge) : features;
  Tensor x = layers_[0].forward(ops, merged);  // [N, P / merge², out]
  for (size_t i = 1; i < layers_.size(); ++i) x = layers_[i].forward(ops, activate(ops, config_.activation, x));
  return ops.tag(x, "projected");
}

void Projector::params(ParamList& list) {
  for (Linear& layer : layers_) layer.params(list);
}

}  // namespace hilum
