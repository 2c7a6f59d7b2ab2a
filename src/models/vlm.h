// A vision-language model: images -> encoder -> projector -> placed among the token embeddings -> decoder.
// Source: Liu et al. 2023 (LLaVA); Bannur et al. 2024 (MAIRA-2).
// N images, P features an image, R rows (tokens of all sequences), D decoder width, V vocabulary.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "models/language/decoder.h"
#include "models/vision/projector.h"
#include "models/vision_encoder.h"

namespace hilum {

// Stands for a picture's rows where its place is no token: the text is cut there.
inline constexpr int32_t kImageApart = -200;

struct VlmConfig {
  VisionConfig vision;
  ProjectorConfig projector;
  DecoderConfig language;
  int32_t image_token = 32204;  // each stands for one projected row
};

// What one pass works on. Sequences may have any lengths and any number of images; images stand in the order of their
// tokens.
struct VlmBatch {
  Tensor pixel_values;              // host F32 [N, C, H, W], preprocessed; undefined when there are no images
  Tensor image_features;            // or already encoded, of the backend [N, P, features' width]; takes precedence
  std::vector<int32_t> ids;         // [R] token ids, each <image> already expanded to P copies
  RaggedBatch rows;                 // [R]
  std::vector<int32_t> logit_rows;  // whose logits are wanted, 0 .. R-1
  int64_t prompt_rows = -1;  // an image token among these first rows stands for a picture's row; later ones the model
                             // wrote, as text. -1: all

  // One sequence from position 0, logits of every row.
  static VlmBatch single(std::vector<int32_t> ids, Tensor pixel_values);
};

class Vlm {
 public:
  explicit Vlm(const VlmConfig& config);

  // pixel_values host [N, C, H, W] -> features as handed to the projector [N, P, features' width].
  Tensor encode_images(Ops& ops, const Tensor& pixel_values) const;
  // features [N, P, their width] -> [N, image_tokens(), D]
  Tensor project(Ops& ops, const Tensor& features) const;
  // ids [R] -> [R, D]: token embeddings, rows of image_token replaced in order by the rows of `projected` [N, P, D]
  // (may be undefined). Throws Error when their numbers differ. `prompt_rows`: as VlmBatch's.
  Tensor embed(Ops& ops, const std::vector<int32_t>& ids, const Tensor& projected, int64_t prompt_rows = -1) const;

  // The whole walk -> [logit_rows, V]. With a cache, rows continue what it holds.
  Tensor logits(Ops& ops, const VlmBatch& batch, KvCache* cache = nullptr) const;

  void params(ParamList& list);  // encoder, projector, language
  void encoder_params(ParamList& list) { encoder_.params(list); }
  std::vector<UnusedTensor> unused_tensors() const { return encoder_.unused_tensors(); }
  const VlmConfig& config() const { return config_; }
  const VisionEncoder& encoder() const { return encoder_; }
  int64_t image_tokens() const {
    return encoder_.rows() / (int64_t{config_.projector.merge} * config_.projector.merge);
  }  // an image has
  const Decoder& decoder() const { return language_; }

 private:
  VlmConfig config_;
  VisionEncoder encoder_;
  Projector projector_;
  Decoder language_;
};

}  // namespace hilum
