// Image -> patch vectors: a convolution whose stride is its size.
#pragma once

#include <string>

#include "ops/ops.h"

namespace hilum {

class PatchEmbed {
 public:
  // Declares "<name>.weight" [width, channels, patch_px, patch_px] and, with has_bias, "<name>.bias" [width].
  PatchEmbed(const std::string& name, int64_t channels, int64_t patch_px, int64_t width, bool has_bias) {
    weight.declare(name + ".weight", {width, channels, patch_px, patch_px});
    if (has_bias) bias.declare(name + ".bias", {width});
  }

  // image [N, C, h, w] -> [N, P, width], patches row by row
  Tensor forward(Ops& ops, const Tensor& image) const { return ops.patch_embed(image, weight, bias.declared() ? &bias : nullptr); }
  void params(ParamList& list) {
    list.push_back(&weight);
    if (bias.declared()) list.push_back(&bias);
  }

  Param weight, bias;
};

}  // namespace hilum
