// Image -> patch vectors: a convolution whose stride is its size, unless told otherwise.
#pragma once

#include <string>

#include "ops/ops.h"

namespace hilum {

class PatchEmbed {
 public:
  // Declares "<name>.weight" [width, channels, patch_px, patch_px] and, with has_bias, "<name>.bias" [width].
  // stride_px 0: patches side by side.
  PatchEmbed(const std::string& name, int64_t channels, int64_t patch_px, int64_t width, bool has_bias,
      int64_t stride_px = 0, int64_t padding_px = 0)
      : stride_(stride_px > 0 ? stride_px : patch_px), padding_(padding_px) {
    weight.declare(name + ".weight", {width, channels, patch_px, patch_px});
    if (has_bias) bias.declare(name + ".bias", {width});
  }

  // image [N, C, h, w] -> [N, P, width], patches row by row
  Tensor forward(Ops& ops, const Tensor& image) const {
    return ops.patch_embed(image, weight, bias.declared() ? &bias : nullptr, stride_, padding_);
  }
  int64_t outputs(int64_t side) const {
    return (side + 2 * padding_ - weight.shape()[2]) / stride_ + 1;
  }  // patches along a side
  void params(ParamList& list) {
    list.push_back(&weight);
    if (bias.declared()) list.push_back(&bias);
  }

  Param weight, bias;

 private:
  int64_t stride_, padding_;
};

}  // namespace hilum
