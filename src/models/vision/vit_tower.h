// A vision transformer as an image tower: one picture's vector is its class token after the final norm.
#pragma once

#include <memory>
#include <string>

#include "models/vision/vit.h"
#include "nn/tower.h"

namespace hilum {

class VitTower final : public ImageTower {
 public:
  VitTower(const VitConfig& config, const std::string& kind, const std::string& prefix)
      : kind_(kind), vit_(config, prefix) {}

  Tensor forward(Ops& ops, const Tensor& pixels) const override;  // tags as Vit's
  void params(ParamList& list) override { vit_.params(list); }
  std::vector<UnusedTensor> unused_tensors() const override { return vit_.unused_tensors(); }
  int64_t width() const override { return vit_.config().width; }
  int channels() const override { return vit_.config().channels; }
  int image_px() const override { return vit_.config().image_px; }
  std::string summary() const override;

 private:
  std::string kind_;
  Vit vit_;
};

// Kinds "dinov2" (RAD-DINO), "timm_vit" (BiomedCLIP) and "open_clip_vit" (CXR-LLaVA). Their configs: vit_tower_config.
// Pooling "class".
std::unique_ptr<ImageTower> make_dinov2(const TowerSource& source);
std::unique_ptr<ImageTower> make_timm_vit(const TowerSource& source);
std::unique_ptr<ImageTower> make_open_clip_vit(const TowerSource& source);

}  // namespace hilum
