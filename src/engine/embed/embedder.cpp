#include "engine/embed/embedder.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "image/decode.h"

namespace hilum {

EncoderEmbedder::EncoderEmbedder(std::unique_ptr<Model> model)
    : EncoderEmbedder(*model, [raw = model.get()](const Tensor& pixels) {
        return raw->ops().to_host(raw->network().encode_images(raw->ops(), pixels));
      }) {
  own_ = std::move(model);
}

EncoderEmbedder::EncoderEmbedder(const Model& model, Encode encode) : model_(&model), encode_(std::move(encode)) {
  info_ = {.name = model.preset().name, .demo = model.preset().demo, .width = model.network().encoder().width()};
}

Tensor EncoderEmbedder::embed_pixels(const Tensor& pixels) {
  const Tensor features = encode_(pixels);                    // [N, P, D]
  Tensor out = Tensor::host({features.dim(0), info_.width});  // [N, E]
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

Tensor embedder_pixels(const Embedder& embedder, const DecodedImage& decoded, const std::string& where,
    std::vector<std::string>* warnings) {
  const Preprocessed input = preprocess(decoded.pixels, embedder.preprocessing(), where);
  if (warnings) warnings->insert(warnings->end(), decoded.warnings.begin(), decoded.warnings.end());
  return Tensor::host({1, input.channels, input.height, input.width}, std::span<const float>(input.pixels));
}

std::vector<std::vector<float>> embed_together(Embedder& embedder, std::span<const Tensor> pixels) {
  if (pixels.empty()) return {};
  std::vector<int64_t> dims = pixels[0].shape().dims();
  const auto count = static_cast<int64_t>(pixels.size());
  dims[0] = count;
  Tensor together = pixels[0];
  if (count > 1) {
    together = Tensor::host(Shape(dims));  // [N, C, H, W]
    float* to = together.f32();
    for (const Tensor& one : pixels) {
      invariant(one.shape() == pixels[0].shape(), "pictures of one size");
      to = std::copy(one.values().begin(), one.values().end(), to);
    }
  }
  const Tensor embeddings = embedder.embed_pixels(together);
  invariant(
      embeddings.shape() == Shape({count, embedder.info().width}), "an embedding a picture, of the width it says");
  std::vector<std::vector<float>> out;
  for (int64_t i = 0; i < count; ++i) {
    const auto values = embeddings.rows(i, 1).values();
    out.emplace_back(values.begin(), values.end());
  }
  return out;
}

void check_embedding(std::span<const float> embedding, const std::string& where) {
  if (!std::all_of(embedding.begin(), embedding.end(), [](float v) { return std::isfinite(v); }))
    throw Error(where, "has an embedding that is not finite", "Are the model's weights whole?");
}

std::vector<float> embed_image(
    Embedder& embedder, const DecodedImage& decoded, const std::string& where, std::vector<std::string>* warnings) {
  const Tensor pixels = embedder_pixels(embedder, decoded, where, warnings);
  std::vector<float> embedding = std::move(embed_together(embedder, {&pixels, 1}).front());
  check_embedding(embedding, where);
  return embedding;
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
