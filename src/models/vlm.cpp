#include "models/vlm.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"

namespace hilum {

VlmBatch VlmBatch::single(std::vector<int32_t> ids, Tensor pixel_values) {
  VlmBatch batch;
  batch.rows = RaggedBatch::single(static_cast<int64_t>(ids.size()));
  batch.logit_rows.resize(ids.size());
  std::iota(batch.logit_rows.begin(), batch.logit_rows.end(), 0);
  batch.ids = std::move(ids);
  batch.pixel_values = std::move(pixel_values);
  return batch;
}

Vlm::Vlm(const VlmConfig& config)
    : config_(config),
      encoder_(config.vision),
      projector_(config.projector, "projector."),
      language_(config.language, "language.") {
  check(config.projector.in == encoder_.width(), "model config",
      "the projector takes " + std::to_string(config.projector.in) + " values, the encoder gives " +
          std::to_string(encoder_.width()));
  check(config.projector.out == config.language.width, "model config",
      "the projector gives " + std::to_string(config.projector.out) + " values, the language model takes " +
          std::to_string(config.language.width));
  const VitConfig& vit = config.vision.vit;
  const int side = vit.image_px / vit.patch_px, merge = config.projector.merge;
  const bool grid = !config.vision.queries && !config.vision.pooled && !vit.keep_class_token;
  check(merge == 1 || (side % merge == 0 && grid), "model config",
      "the projector merges " + std::to_string(merge) + " x " + std::to_string(merge) + " patches, the encoder gives " +
          (grid ? std::to_string(side) + " x " + std::to_string(side)
                : std::to_string(encoder_.rows()) + " rows that are no square of patches"));
}

Tensor Vlm::encode_images(Ops& ops, const Tensor& pixel_values) const {
  return encoder_.forward(ops, ops.from_host(pixel_values));
}

Tensor Vlm::project(Ops& ops, const Tensor& features) const { return projector_.forward(ops, features); }

Tensor Vlm::embed(Ops& ops, const std::vector<int32_t>& ids, const Tensor& projected, int64_t prompt_rows) const {
  std::vector<int32_t> places;  // rows that images fill
  std::vector<int32_t> text = ids;
  const size_t rows = prompt_rows < 0 ? ids.size() : std::min(ids.size(), static_cast<size_t>(prompt_rows));
  for (size_t i = 0; i < rows; ++i)
    if (ids[i] == config_.image_token) {
      places.push_back(static_cast<int32_t>(i));
      if (config_.image_token < 0 || config_.image_token >= config_.language.vocab)
        text[i] = 0;  // replaced below; it may be no token, or counted past the vocabulary
    }
  const int64_t patches = projected.defined() ? projected.shape().rows() : 0;
  if (static_cast<int64_t>(places.size()) != patches)
    throw Error("vlm",
        "the prompt holds " + std::to_string(places.size()) + " image tokens, the images give " +
            std::to_string(patches) + " rows (" + std::to_string(image_tokens()) + " an image)",
        "Expand each <image> of the prompt once for every image given.");
  const Tensor x = language_.embed(ops, text);  // [R, D]
  if (places.empty()) return x;
  return ops.scatter_rows(x, places, ops.reshape(projected, {patches, config_.language.width}));  // [R, D]
}

Tensor Vlm::logits(Ops& ops, const VlmBatch& batch, KvCache* cache) const {
  invariant(static_cast<int64_t>(batch.ids.size()) == batch.rows.rows(), "one id a row");
  Tensor features = batch.image_features;  // [N, P, features' width]
  if (!features.defined() && batch.pixel_values.defined()) features = encode_images(ops, batch.pixel_values);
  const Tensor projected = features.defined() ? project(ops, features) : Tensor();  // [N, tokens, D]
  const Tensor hidden =
      language_.forward(ops, embed(ops, batch.ids, projected, batch.prompt_rows), batch.rows, cache);  // [R, D]
  return language_.logits(ops, hidden, batch.logit_rows);                                              // [rows, V]
}

void Vlm::params(ParamList& list) {
  encoder_.params(list);
  projector_.params(list);
  language_.params(list);
}

}  // namespace hilum
