#include "models/vision/swin.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/error.h"
#include "nn/pool.h"

namespace hilum {
namespace {

// One picture's table for n pictures, one after another.
std::vector<int32_t> for_images(const std::vector<int32_t>& table, int64_t n) {
  std::vector<int32_t> all;
  all.reserve(table.size() * static_cast<size_t>(n));
  for (int64_t i = 0; i < n; ++i)
    for (const int32_t row : table) all.push_back(row + static_cast<int32_t>(i * static_cast<int64_t>(table.size())));
  return all;
}

int mlp_width(const SwinConfig& c, int width) { return static_cast<int>(c.mlp_ratio * static_cast<float>(width)); }

}  // namespace

SwinBlock::SwinBlock(const std::string& prefix, const SwinConfig& c, const SwinStage& stage)
    : stage_(stage),
      bias_index_(relative_position_index(stage.window)),
      index_name_(prefix + "attention.self.relative_position_index"),
      norm_before_(prefix + "layernorm_before", stage.width, c.norm_eps),
      norm_after_(prefix + "layernorm_after", stage.width, c.norm_eps),
      query_(prefix + "attention.self.query", stage.width, stage.width, c.qkv_bias),
      key_(prefix + "attention.self.key", stage.width, stage.width, c.qkv_bias),
      value_(prefix + "attention.self.value", stage.width, stage.width, c.qkv_bias),
      output_(prefix + "attention.output.dense", stage.width, stage.width, true),
      mlp_(prefix + "intermediate.dense", prefix + "output.dense", stage.width, mlp_width(c, stage.width),
          c.activation) {
  const int across = 2 * stage.window - 1;
  bias_table_.declare(prefix + "attention.self.relative_position_bias_table", {across * across, stage.heads});
}

Tensor SwinBlock::split(Ops& ops, const Tensor& x) const {
  const int64_t t = int64_t{stage_.window} * stage_.window, h = stage_.heads;
  return ops.transpose(ops.reshape(x, {x.dim(0) / t, t, h, stage_.width / h}), 1, 2);  // [N*W, h, T, C/h]
}

SwinRows SwinBlock::rows(Ops& ops, int64_t images) const {
  SwinRows rows{for_images(stage_.windows->tokens, images), for_images(stage_.windows->places, images), Tensor()};
  if (stage_.windows->mask.empty()) return rows;
  const int64_t t = int64_t{stage_.window} * stage_.window, h = stage_.heads;
  const auto windows = static_cast<int64_t>(stage_.windows->mask.size()) / (t * t);
  std::vector<float> mask;  // every head has its window's mask
  mask.reserve(stage_.windows->mask.size() * static_cast<size_t>(h));
  for (int64_t w = 0; w < windows; ++w)
    for (int64_t i = 0; i < h; ++i) {
      const auto one = stage_.windows->mask.begin() + w * t * t;
      mask.insert(mask.end(), one, one + t * t);
    }
  rows.mask = ops.from_host(Tensor::host({windows, h, t, t}, mask));
  return rows;
}

Tensor SwinBlock::bias(Ops& ops, const Tensor& mask) const {
  const int64_t t = int64_t{stage_.window} * stage_.window, h = stage_.heads;
  const Tensor pairs = ops.gather_rows(ops.parameter(bias_table_), bias_index_);  // [T*T, h]
  const Tensor by_head = ops.reshape(ops.transpose(pairs, 0, 1), {h, t, t});      // [h, T, T]
  return mask.defined() ? ops.add(mask, by_head) : by_head;                       // [W, h, T, T]
}

Tensor SwinBlock::attend(Ops& ops, const Tensor& x, const Tensor& mask) const {
  const int64_t t = int64_t{stage_.window} * stage_.window, h = stage_.heads, d = stage_.width / h, rows = x.dim(0);
  const int64_t windows = int64_t{stage_.grid / stage_.window} * (stage_.grid / stage_.window),
                images = rows / (windows * t);
  const Tensor q = split(ops, query_.forward(ops, x)), k = split(ops, key_.forward(ops, x));  // [N*W, h, T, d]
  const Tensor v = ops.transpose(split(ops, value_.forward(ops, x)), 2, 3);                   // [N*W, h, d, T]
  Tensor scores = ops.scale(ops.matmul_nt(q, k), 1.0f / std::sqrt(static_cast<float>(d)));    // [N*W, h, T, T]
  scores = ops.add(ops.reshape(scores, {images, windows, h, t, t}), bias(ops, mask));         // [N, W, h, T, T]
  const Tensor weights = ops.reshape(ops.softmax(scores), {images * windows, h, t, t});
  const Tensor seen = ops.transpose(ops.matmul_nt(weights, v), 1, 2);    // [N*W, T, h, d]
  return output_.forward(ops, ops.reshape(seen, {rows, stage_.width}));  // [N*W*T, C]
}

Tensor SwinBlock::forward(Ops& ops, const Tensor& x, const SwinRows& rows) const {
  const Tensor windows = ops.gather_rows(norm_before_.forward(ops, x), rows.tokens);
  const Tensor seen = ops.gather_rows(attend(ops, windows, rows.mask), rows.places);
  const Tensor y = ops.add(x, seen);  // [N*G*G, C]
  return ops.add(y, mlp_.forward(ops, norm_after_.forward(ops, y)));
}

void SwinBlock::params(ParamList& list) {
  norm_before_.params(list);
  list.push_back(&bias_table_);
  query_.params(list);
  key_.params(list);
  value_.params(list);
  output_.params(list);
  norm_after_.params(list);
  mlp_.params(list);
}

UnusedTensor SwinBlock::spare() const {
  const int64_t t = int64_t{stage_.window} * stage_.window;
  return {index_name_, {t, t}, DType::kI64};
}

Tensor SwinMerge::forward(Ops& ops, const Tensor& x) const {
  const int64_t images = x.dim(0) / static_cast<int64_t>(order_.size());
  const Tensor fours =
      ops.reshape(ops.gather_rows(x, for_images(order_, images)), {x.dim(0) / 4, 4 * width_});  // [N*G*G/4, 4C]
  return reduction_.forward(ops, norm_.forward(ops, fours));
}

Swin::Swin(const SwinConfig& c, const std::string& prefix)
    : config_(c),
      patch_embed_(prefix + "embeddings.patch_embeddings.projection", c.channels, c.patch_px, c.width, true),
      embedding_norm_(prefix + "embeddings.norm", c.width, c.norm_eps),
      norm_(prefix + "layernorm", c.stage_width(c.stages() - 1), c.norm_eps) {
  for (int s = 0; s < c.stages(); ++s) {
    const std::string name = prefix + "encoder.layers." + std::to_string(s) + ".";
    SwinStage stage{
        .grid = c.grid(s), .width = c.stage_width(s), .heads = c.heads[static_cast<size_t>(s)], .window = c.window};
    Stage& made = stages_.emplace_back();
    const int shift = stage.grid > c.window ? c.window / 2 : 0;  // a grid of one window has nothing to shift
    const auto plain = std::make_shared<const SwinWindows>(swin_windows(stage.grid, c.window, 0));
    const auto shifted = std::make_shared<const SwinWindows>(swin_windows(stage.grid, c.window, shift));
    for (int b = 0; b < c.depths[static_cast<size_t>(s)]; ++b) {
      stage.windows = b % 2 == 1 ? shifted : plain;
      made.blocks.emplace_back(name + "blocks." + std::to_string(b) + ".", c, stage);
    }
    if (s + 1 < c.stages()) made.merge.emplace(name + "downsample.", stage.grid, stage.width, c.norm_eps);
  }
}

Tensor Swin::forward(Ops& ops, const Tensor& pixels) const {
  const Shape& s = pixels.shape();
  if (s.rank() != 4 || s[0] < 1 || (s[1] != config_.channels && s[1] != 1) || s[2] != config_.image_px ||
      s[3] != config_.image_px)
    throw Error("swin",
        fmt::format("pixel values have shape {}, wanted [N, {}, {}, {}]", s.text(), config_.channels, config_.image_px,
            config_.image_px),
        "Preprocess the image with the steps of this model's preset.");
  const std::vector<Tensor> copies(static_cast<size_t>(config_.channels / s[1]), pixels);
  const Tensor patches = patch_embed_.forward(ops, copies.size() == 1 ? pixels : ops.concat(copies, 1));  // [N, G*G, C]
  Tensor x = ops.reshape(patches, {s[0] * patches.dim(1), config_.width});                                // [N*G*G, C]
  x = ops.tag(embedding_norm_.forward(ops, x), "embeddings");
  int index = 0;
  for (const Stage& stage : stages_) {
    std::vector<SwinRows> rows;  // every second block shifts its windows
    for (size_t b = 0; b < std::min<size_t>(2, stage.blocks.size()); ++b)
      rows.push_back(stage.blocks[b].rows(ops, s[0]));
    for (size_t b = 0; b < stage.blocks.size(); ++b)
      x = ops.tag(stage.blocks[b].forward(ops, x, rows[b % 2]), "block", index++);
    if (stage.merge) x = stage.merge->forward(ops, x);
  }
  x = ops.tag(norm_.forward(ops, x), "encoder_norm");                       // [N*G*G, D]
  return mean_rows(ops, ops.reshape(x, {s[0], x.dim(0) / s[0], width()}));  // [N, D]
}

void Swin::params(ParamList& list) {
  patch_embed_.params(list);
  embedding_norm_.params(list);
  for (Stage& stage : stages_) {
    for (SwinBlock& block : stage.blocks) block.params(list);
    if (stage.merge) stage.merge->params(list);
  }
  norm_.params(list);
}

std::vector<UnusedTensor> Swin::unused_tensors() const {
  std::vector<UnusedTensor> spare;
  for (const Stage& stage : stages_)
    for (const SwinBlock& block : stage.blocks) spare.push_back(block.spare());
  return spare;
}

std::string Swin::summary() const {
  const auto list = [](const std::vector<int>& all) { return fmt::format("{}", fmt::join(all, "-")); };
  return fmt::format("swin, depths {}, heads {}, width {} to {}, window {}, patches of {} px", list(config_.depths),
      list(config_.heads), config_.width, width(), config_.window, config_.patch_px);
}

}  // namespace hilum
