// The half of a vision-language model that looks: pictures -> the rows that go to the projector. One of three forms:
//   a vision transformer's tokens (MAIRA-2, CXR-LLaVA);
//   those tokens as a Q-Former's queries read them (XrayGPT as released);
//   one vector a picture, an image tower's pooled features behind their projection (XrayGPT as in its paper).
// N images, P rows an image, D their width.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "models/dual_encoder.h"
#include "models/vision/qformer.h"
#include "models/vision/vit.h"

namespace hilum {

struct PooledEncoderConfig {
  PresetTower tower;  // config: as it holds, overrides made
  int64_t width = 0;  // D, behind the projection
  std::string where;  // names the config in errors
};

struct VisionConfig {
  VitConfig vit;  // where `pooled` is not set
  std::optional<QFormerConfig> queries;
  std::optional<PooledEncoderConfig> pooled;
};

class VisionEncoder {
 public:
  // Declares under "encoder." (and "queries.", "encoder_projection.").
  explicit VisionEncoder(const VisionConfig& config);

  // pixels [N, C, h, w] of the backend, preprocessed -> [N, P, D]. Tags of its parts; "image_pooled" [N, tower width].
  Tensor forward(Ops& ops, const Tensor& pixels) const;
  void params(ParamList& list);
  std::vector<UnusedTensor> unused_tensors() const;

  int image_px() const;
  int channels() const;
  int64_t rows() const;   // P
  int64_t width() const;  // D

 private:
  VisionConfig config_;
  std::optional<Vit> vit_;
  std::optional<QFormer> queries_;
  std::unique_ptr<ImageTower> tower_;
  std::optional<EmbeddingProjection> projection_;
};

}  // namespace hilum
