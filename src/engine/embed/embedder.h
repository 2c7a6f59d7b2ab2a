// What `embed`, `classify` and `search` need of a model: pictures and texts into one space.
// N pictures, C channels, E embedding width.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/model.h"
#include "image/preprocess.h"
#include "models/dual_encoder_config.h"
#include "tensor/tensor.h"

namespace hilum {

struct EmbedderInfo {
  std::string name;  // of the preset; "medimageinsight+azure" where pictures are prepared in one of its other ways
  bool demo = false;
  int64_t width = 0;  // E
  bool has_text = false;
  // logit of an image and a text = scale · cosine + bias. Of the scale itself, never of its logarithm.
  double scale = 1, bias = 0;
};

class Embedder {
 public:
  virtual ~Embedder() = default;
  virtual const EmbedderInfo& info() const = 0;
  virtual std::string weights_sha256()
      const = 0;  // reads every weight file when first asked for: gigabytes, so only where it is kept or compared
  virtual const PreprocessConfig& preprocessing() const = 0;
  // pixels host F32 [N, C, H, W], preprocessed -> host F32 [N, E] as the system publishes it (of length 1 or not). A
  // picture's embedding does not depend on what stands beside it.
  virtual Tensor embed_pixels(const Tensor& pixels) = 0;
  // One text alone -> [E]: texts never share a batch, so that no system's padding enters. Throws Error where the system
  // has no text tower.
  virtual std::vector<float> embed_text(const std::string& text) = 0;
  // Of the demo model: the picture is unlike everything it was trained on, and what is said of it is meaningless.
  virtual bool far_from_training(std::span<const float> /*embedding*/) const { return false; }
};

// A vision-language model's image encoder as an embedder: the mean of its patch features [P, D], E = D, as
// feature_distance.h pools them.
class EncoderEmbedder final : public Embedder {
 public:
  using Encode = std::function<Tensor(const Tensor& pixels)>;  // host [N, C, H, W] -> host [N, P, D]
  explicit EncoderEmbedder(std::unique_ptr<Model> model);
  // Of a model that is at work already, which must outlive this: what runs its encoder is `encode`.
  EncoderEmbedder(const Model& model, Encode encode);
  const EmbedderInfo& info() const override { return info_; }
  std::string weights_sha256() const override { return model_->weights_sha256(); }
  const PreprocessConfig& preprocessing() const override { return model_->preprocessing(); }
  Tensor embed_pixels(const Tensor& pixels) override;
  std::vector<float> embed_text(const std::string& text) override;
  bool far_from_training(std::span<const float> embedding) const override;

 private:
  std::unique_ptr<Model> own_;
  const Model* model_;
  Encode encode_;
  EmbedderInfo info_;
};

// An embedding system: two towers into one space (models/dual_encoder.h), or an image tower alone.
class DualEmbedder final : public Embedder {
 public:
  DualEmbedder(const std::filesystem::path& path, const BackendConfig& backend, const std::string& mode);
  // Of a system that is loaded for reports: with the values, and the adapter, of that model's encoder.
  DualEmbedder(const Model& reports, const BackendConfig& backend);
  const EmbedderInfo& info() const override { return info_; }
  std::string weights_sha256() const override;
  const PreprocessConfig& preprocessing() const override { return preprocessing_; }
  Tensor embed_pixels(const Tensor& pixels) override;
  std::vector<float> embed_text(const std::string& text) override;

 private:
  DualEmbedder(LoadedDualEncoder loaded, const std::filesystem::path& path, const BackendConfig& backend,
      const std::string& mode);

  std::filesystem::path path_, adapter_;
  EmbedderInfo info_;
  PreprocessConfig preprocessing_;
  std::unique_ptr<DualEncoder> network_;
  std::optional<Tokenizer> tokenizer_;
  std::unique_ptr<Ops> ops_;
  mutable std::string sha256_;
};

// The embedder of a model: a folder, package or weight file as published. `mode`: one of the preset's other ways to
// prepare pictures, "" for its own. Throws Error for what cannot be loaded or does not fit together.
std::unique_ptr<Embedder> load_embedder(
    const std::filesystem::path& path, const BackendConfig& backend, const std::string& mode = "");

// A decoded picture as embed_pixels takes it: host [1, C, H, W]. Warnings of the decoder are added to `warnings`;
// `where` names the picture in errors.
Tensor embedder_pixels(const Embedder& embedder, const DecodedImage& decoded, const std::string& where,
    std::vector<std::string>* warnings = nullptr);
// Several such pictures in one pass -> [E] each, the same bits as each alone.
std::vector<std::vector<float>> embed_together(Embedder& embedder, std::span<const Tensor> pixels);
// Throws Error naming the picture where a value is not finite.
void check_embedding(std::span<const float> embedding, const std::string& where);

// File bytes -> decoded -> preprocessed -> [E], the way `hilum report` takes a picture. Warnings of the decoder are
// added to `warnings`. Throws Error naming the file.
std::vector<float> embed_image_file(
    Embedder& embedder, const std::filesystem::path& path, std::vector<std::string>* warnings = nullptr);

// The same for a picture that is decoded already; `where` names it.
std::vector<float> embed_image(Embedder& embedder, const DecodedImage& decoded, const std::string& where,
    std::vector<std::string>* warnings = nullptr);

// Each text alone -> host [N, E].
Tensor embed_texts(Embedder& embedder, std::span<const std::string> texts);

}  // namespace hilum
