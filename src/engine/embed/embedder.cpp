#include "engine/embed/embedder.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "image/decode.h"

namespace hilum {

EncoderEmbedder::EncoderEmbedder(std::unique_ptr<Model> model) : model_(std::move(model)) {
  info_ = {.name = model_->preset().name, .demo = model_->preset().demo, .width = model_->network().encoder().width()};
}

Tensor EncoderEmbedder::embed_pixels(const Tensor& pixels) {
  const Tensor features = model_->ops().to_host(model_->network().encode_images(model_->ops(), pixels));  // [N, P, D]
  Tensor out = Tensor::host({features.dim(0), info_.width});                                              // [N, E]
  for (int64_t i = 0; i < features.dim(0); ++i) {
    const std::vector<float> mean = mean_pooled(features.rows(i, 1).values(), static_cast<size_t>(info_.width));
    std::copy(mean.begin(), mean.end(), out.f32() + i * info_.width);
  }
  return out;
}

std::vector<float> EncoderEmbedder::embed_text(const std::string&) {
  throw Error(model_->folder().string(), info_.name + " has no text tower: it embeds images alone",
      "Name a system that embeds texts with --model; for images, train an adapter.");
}

bool EncoderEmbedder::far_from_training(std::span<const float> embedding) const {
  const auto& stats = model_->feature_stats();
  return stats && !(feature_distance(*stats, embedding) <= stats->threshold);
}

std::unique_ptr<Embedder> load_embedder(
    const std::filesystem::path& path, const BackendConfig& backend, const std::string& mode) {
  if (preset_of_files(path, PresetUse::kEmbedding).embedding)
    return std::make_unique<DualEmbedder>(path, backend, mode);
  if (!mode.empty())
    throw Error("--preprocess", "this model prepares pictures in one way alone", "Leave the option out.");
  return std::make_unique<EncoderEmbedder>(Model::load(path, backend));
}

std::vector<float> embed_image_file(
    Embedder& embedder, const std::filesystem::path& path, std::vector<std::string>* warnings) {
  return embed_image(embedder, decode_image_file(path), path.string(), warnings);
}

std::vector<float> embed_image(
    Embedder& embedder, const DecodedImage& decoded, const std::string& where, std::vector<std::string>* warnings) {
  const Preprocessed input = preprocess(decoded.pixels, embedder.preprocessing(), where);
  if (warnings) warnings->insert(warnings->end(), decoded.warnings.begin(), decoded.warnings.end());
  const Tensor embedding = embedder.embed_pixels(
      Tensor::host({1, input.channels, input.height, input.width}, std::span<const float>(input.pixels)));
  invariant(embedding.shape() == Shape({1, embedder.info().width}), "one embedding of the width it says");
  const auto values = embedding.values();
  if (!std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); }))
    throw Error(where, "has an embedding that is not finite", "Are the model's weights whole?");
  return {values.begin(), values.end()};
}

Tensor embed_texts(Embedder& embedder, std::span<const std::string> texts) {
  Tensor out = Tensor::host({static_cast<int64_t>(texts.size()), embedder.info().width});
  float* to = out.f32();
  for (const std::string& text : texts) {
    const std::vector<float> embedding = embedder.embed_text(text);
    invariant(static_cast<int64_t>(embedding.size()) == embedder.info().width, "an embedding of the width it says");
    to = std::copy(embedding.begin(), embedding.end(), to);
  }
  return out;
}

}  // namespace hilum
