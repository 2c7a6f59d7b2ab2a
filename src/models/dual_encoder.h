// An embedding system: an image tower and, most often, a text tower, each with a projection to one space, and how
// similarity is read there. Source: Radford et al. 2021 (CLIP). Which towers, projections and scale are the preset's;
// no system is named here. N images or texts, D tower width, E embedding width.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/files/preset_embedding.h"
#include "nn/linear.h"
#include "nn/tower.h"

namespace hilum {

// Pooled features -> embedding space.
class EmbeddingProjection {
 public:
  // Declares, by kind: nothing; "<name>.weight" [E, D]; "<name>" [D, E]; "<name>.0.weight" [hidden, D],
  // "<name>.2.weight" [E, hidden], ...
  EmbeddingProjection(const std::string& name, const PresetTower& tower, int64_t in, int64_t out);
  Tensor forward(Ops& ops, const Tensor& x) const;  // [N, D] -> [N, E]
  void params(ParamList& list);

 private:
  Param matrix_;
  std::deque<Linear> layers_;
};

class DualEncoder {
 public:
  // `image` and `text` are the towers' configs as they hold after overrides. Throws Error(where, ...) for what does not
  // fit together.
  DualEncoder(const EmbeddingPreset& preset, const Json& image, const Json& text, const std::string& where);

  // pixels host [N, C, h, w], preprocessed -> [N, E] of the backend, of length 1 where the preset normalises.
  // Tags beside the tower's: "image_pooled" [N, D], "image_features" (projected) [N, E], "image_embedding" [N, E].
  Tensor embed_image(Ops& ops, const Tensor& pixels) const;
  // -> [N, E]. Tags beside the tower's: "text_pooled", "text_features", "text_embedding". Throws Error where there is
  // no text tower.
  Tensor embed_text(Ops& ops, const TextBatch& texts) const;
  // What the network itself gives, before the division by its length.
  Tensor image_features(Ops& ops, const Tensor& pixels) const;
  Tensor text_features(Ops& ops, const TextBatch& texts) const;

  // logit = similarity_scale() · cosine + similarity_bias(). Read from the loaded scalars.
  double similarity_scale() const;
  double similarity_bias() const;
  std::optional<double> stored_scale() const;  // the scalar as the file holds it (MedImageInsight's scaling_factor)

  void params(ParamList& list);
  std::vector<UnusedTensor> unused_tensors() const;
  int64_t width() const { return preset_.width; }
  bool has_text() const { return text_ != nullptr; }
  const ImageTower& image() const { return *image_; }
  const TextTower& text() const { return *text_; }  // where has_text()
  const EmbeddingPreset& preset() const { return preset_; }

 private:
  Tensor finished(Ops& ops, const Tensor& features, const char* tag) const;

  EmbeddingPreset preset_;
  std::unique_ptr<ImageTower> image_;
  std::unique_ptr<TextTower> text_;
  EmbeddingProjection image_projection_;
  std::optional<EmbeddingProjection> text_projection_;
  Param logit_scale_, logit_bias_;  // [] each, where the preset has them
};

}  // namespace hilum
