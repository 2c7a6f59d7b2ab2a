#include "models/vision/vit_tower.h"

#include <fmt/format.h>

#include "base/error.h"

namespace hilum {
namespace {

std::unique_ptr<ImageTower> make(VitForm form, const char* kind, const TowerSource& source) {
  if (source.pooling != "class")
    throw Error(source.where, std::string(kind) + " has no pooling \"" + source.pooling + "\"",
        "It has \"class\": the class token.");
  return std::make_unique<VitTower>(vit_tower_config(form, source.config, source.where), kind, source.prefix);
}

}  // namespace

Tensor VitTower::forward(Ops& ops, const Tensor& pixels) const {
  const Tensor tokens = vit_.forward(ops, pixels);                                 // [N, T, D]
  return ops.reshape(ops.slice(tokens, 1, 0, 1), {tokens.dim(0), tokens.dim(2)});  // [N, D]
}

std::string VitTower::summary() const {
  const VitConfig& c = vit_.config();
  return fmt::format(
      "{}, {} blocks, width {}, {} heads, patches of {} px", kind_, c.depth, c.width, c.num_heads, c.patch_px);
}

std::unique_ptr<ImageTower> make_dinov2(const TowerSource& source) { return make(VitForm::kDinov2, "dinov2", source); }
std::unique_ptr<ImageTower> make_timm_vit(const TowerSource& source) {
  return make(VitForm::kTimm, "timm_vit", source);
}
std::unique_ptr<ImageTower> make_open_clip_vit(const TowerSource& source) {
  return make(VitForm::kOpenClip, "open_clip_vit", source);
}

}  // namespace hilum
