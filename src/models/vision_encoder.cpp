#include "models/vision_encoder.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"

namespace hilum {

VisionEncoder::VisionEncoder(const VisionConfig& config) : config_(config) {
  if (const auto& pooled = config.pooled) {
    const Json sizes = parse_json(pooled->tower.config, pooled->where);
    tower_ = make_image_tower(pooled->tower.kind,
        {.config = sizes, .pooling = pooled->tower.pooling, .prefix = "encoder.", .where = pooled->where});
    projection_.emplace("encoder_projection", pooled->tower, tower_->width(), pooled->width);
    return;
  }
  vit_.emplace(config.vit, "encoder.");
  if (!config.queries) return;
  check(config.queries->features == config.vit.width, "model config",
      fmt::format(
          "the queries read features of width {}, the encoder gives {}", config.queries->features, config.vit.width));
  queries_.emplace(*config.queries, "queries.");
}

Tensor VisionEncoder::forward(Ops& ops, const Tensor& pixels) const {
  if (tower_) {
    const Tensor vector = projection_->forward(ops, ops.tag(tower_->forward(ops, pixels), "image_pooled"));  // [N, D]
    return ops.reshape(vector, {vector.dim(0), 1, vector.dim(1)});  // [N, 1, D]
  }
  const Tensor tokens = vit_->forward(ops, pixels);           // [N, T, encoder width]
  return queries_ ? queries_->forward(ops, tokens) : tokens;  // [N, P, D]
}

void VisionEncoder::params(ParamList& list) {
  if (tower_) {
    tower_->params(list);
    projection_->params(list);
  }
  if (vit_) vit_->params(list);
  if (queries_) queries_->params(list);
}

std::vector<UnusedTensor> VisionEncoder::unused_tensors() const {
  return tower_ ? tower_->unused_tensors() : vit_->unused_tensors();
}

int VisionEncoder::image_px() const { return tower_ ? tower_->image_px() : config_.vit.image_px; }
int VisionEncoder::channels() const { return tower_ ? tower_->channels() : config_.vit.channels; }
int64_t VisionEncoder::rows() const {
  return tower_ ? 1 : queries_ ? config_.queries->queries : config_.vit.features();
}
int64_t VisionEncoder::width() const {
  return tower_ ? config_.pooled->width : queries_ ? config_.queries->width : config_.vit.width;
}

}  // namespace hilum
