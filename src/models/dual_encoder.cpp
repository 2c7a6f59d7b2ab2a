#include "models/dual_encoder.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "nn/activation.h"

namespace hilum {
namespace {

double scalar(const Param& p) {
  check(p.loaded(), p.name().c_str(), "the parameter has no data", "Load a checkpoint first.");
  return to_f32(p.data()).f32()[0];
}

}  // namespace

EmbeddingProjection::EmbeddingProjection(const std::string& name, const PresetTower& tower, int64_t in, int64_t out) {
  if (tower.projection == "none") {
    check(in == out, name.c_str(),
        "there is none, but the tower gives " + std::to_string(in) + " values and embeddings have " +
            std::to_string(out));
  } else if (tower.projection == "matrix") {
    matrix_.declare(name, {in, out});
  } else if (tower.projection == "linear") {
    layers_.emplace_back(name, in, out, false);
  } else {
    invariant(tower.projection == "mlp", "a kind of projection that presets have");
    std::vector<int64_t> widths = {in};
    widths.insert(widths.end(), tower.hidden.begin(), tower.hidden.end());
    widths.push_back(out);
    for (size_t i = 0; i + 1 < widths.size(); ++i)
      layers_.emplace_back(name + "." + std::to_string(2 * i), widths[i], widths[i + 1], false);
  }
}

Tensor EmbeddingProjection::forward(Ops& ops, const Tensor& x) const {
  if (matrix_.declared()) return ops.matmul_nt(x, ops.transpose(ops.parameter(matrix_), 0, 1));  // [N, D] · [D, E]
  Tensor y = x;
  for (size_t i = 0; i < layers_.size(); ++i) y = layers_[i].forward(ops, i == 0 ? y : ops.gelu(y));
  return y;
}

void EmbeddingProjection::params(ParamList& list) {
  if (matrix_.declared()) list.push_back(&matrix_);
  for (Linear& layer : layers_) layer.params(list);
}

DualEncoder::DualEncoder(const EmbeddingPreset& preset, const Json& image, const Json& text, const std::string& where)
    : preset_(preset),
      image_(make_image_tower(preset.image.kind,
          {.config = image, .pooling = preset.image.pooling, .prefix = "image.", .where = where + ": image"})),
      text_(preset.text
                ? make_text_tower(preset.text->kind,
                      {.config = text, .pooling = preset.text->pooling, .prefix = "text.", .where = where + ": text"})
                : nullptr),
      image_projection_("image_projection", preset.image, image_->width(), preset.width) {
  if (text_) {
    text_projection_.emplace("text_projection", *preset.text, text_->width(), preset.width);
    check(preset.tokenizer.length <= text_->context(), where.c_str(),
        "texts keep " + std::to_string(preset.tokenizer.length) + " tokens, the text tower has " +
            std::to_string(text_->context()) + " positions");
  }
  if (preset.similarity.scale == "exp") logit_scale_.declare("logit_scale", {});
  if (preset.similarity.bias) logit_bias_.declare("logit_bias", {});
}

Tensor DualEncoder::image_features(Ops& ops, const Tensor& pixels) const {
  const Tensor pooled = ops.tag(image_->forward(ops, ops.from_host(pixels)), "image_pooled");  // [N, D]
  return ops.tag(image_projection_.forward(ops, pooled), "image_features");                    // [N, E]
}

Tensor DualEncoder::text_features(Ops& ops, const TextBatch& texts) const {
  if (!text_)
    throw Error("text", "this system has no text tower",
        "It embeds images alone: compare them with each other or train an adapter.");
  const Tensor pooled = ops.tag(text_->forward(ops, texts), "text_pooled");  // [N, D]
  return ops.tag(text_projection_->forward(ops, pooled), "text_features");   // [N, E]
}

Tensor DualEncoder::finished(Ops& ops, const Tensor& features, const char* tag) const {
  return ops.tag(preset_.normalize ? ops.l2_normalize(features) : features, tag);
}

Tensor DualEncoder::embed_image(Ops& ops, const Tensor& pixels) const {
  return finished(ops, image_features(ops, pixels), "image_embedding");
}
Tensor DualEncoder::embed_text(Ops& ops, const TextBatch& texts) const {
  return finished(ops, text_features(ops, texts), "text_embedding");
}

std::optional<double> DualEncoder::stored_scale() const {
  return logit_scale_.declared() ? std::optional(scalar(logit_scale_)) : std::nullopt;
}

double DualEncoder::similarity_scale() const {
  if (!logit_scale_.declared()) return 1;
  const double raw = scalar(logit_scale_);
  return std::exp(preset_.similarity.scale_max ? std::clamp(raw, 0.0, *preset_.similarity.scale_max) : raw);
}

double DualEncoder::similarity_bias() const { return logit_bias_.declared() ? scalar(logit_bias_) : 0; }

void DualEncoder::params(ParamList& list) {
  image_->params(list);
  image_projection_.params(list);
  if (text_) {
    text_->params(list);
    text_projection_->params(list);
  }
  if (logit_scale_.declared()) list.push_back(&logit_scale_);
  if (logit_bias_.declared()) list.push_back(&logit_bias_);
}

std::vector<UnusedTensor> DualEncoder::unused_tensors() const {
  std::vector<UnusedTensor> all = image_->unused_tensors();
  if (text_)
    for (UnusedTensor& tensor : text_->unused_tensors()) all.push_back(std::move(tensor));
  return all;
}

}  // namespace hilum
