#include "models/vision/vit.h"

#include <vector>

#include "base/error.h"

namespace hilum {
namespace {

// The published names behind one form, and what else differs. nullptr: the form has no such layer.
struct FormTable {
  const char *class_token, *positions, *patch, *pre_norm = nullptr;
  const char *block, *norm1;
  const char *query = "", *key = "", *value = "";     // each a matrix of its own,
  const char *packed_weight = "", *packed_bias = "";  // or the three in one,
  const char *query_bias = "", *value_bias = "";      // with biases of these two alone
  const char *output, *scale1 = nullptr;
  const char *norm2, *fc1, *fc2, *scale2 = nullptr;
  const char* final_norm = nullptr;
  bool patch_bias = false, layer_scale = false;
  bool flat_tokens = false;  // class token [D] and positions [T, D], not [1, 1, D] and [1, T, D]
};

constexpr FormTable kDinov2Table{
    .class_token = "embeddings.cls_token",
    .positions = "embeddings.position_embeddings",
    .patch = "embeddings.patch_embeddings.projection",
    .block = "encoder.layer.",
    .norm1 = "norm1",
    .query = "attention.attention.query",
    .key = "attention.attention.key",
    .value = "attention.attention.value",
    .output = "attention.output.dense",
    .scale1 = "layer_scale1.lambda1",
    .norm2 = "norm2",
    .fc1 = "mlp.fc1",
    .fc2 = "mlp.fc2",
    .scale2 = "layer_scale2.lambda1",
    .final_norm = "layernorm",
    .patch_bias = true,
    .layer_scale = true,
};

constexpr FormTable kClipTable{
    .class_token = "embeddings.class_embedding",
    .positions = "embeddings.position_embedding.weight",
    .patch = "embeddings.patch_embedding",
    .pre_norm = "pre_layrnorm",
    .block = "encoder.layers.",
    .norm1 = "layer_norm1",
    .query = "self_attn.q_proj",
    .key = "self_attn.k_proj",
    .value = "self_attn.v_proj",
    .output = "self_attn.out_proj",
    .norm2 = "layer_norm2",
    .fc1 = "mlp.fc1",
    .fc2 = "mlp.fc2",
    .final_norm = "post_layernorm",
    .flat_tokens = true,
};

constexpr FormTable kTimmTable{
    .class_token = "cls_token",
    .positions = "pos_embed",
    .patch = "patch_embed.proj",
    .block = "blocks.",
    .norm1 = "norm1",
    .packed_weight = "attn.qkv.weight",
    .packed_bias = "attn.qkv.bias",
    .output = "attn.proj",
    .norm2 = "norm2",
    .fc1 = "mlp.fc1",
    .fc2 = "mlp.fc2",
    .final_norm = "norm",
    .patch_bias = true,
};

constexpr FormTable kOpenClipTable{
    .class_token = "class_embedding",
    .positions = "positional_embedding",
    .patch = "conv1",
    .pre_norm = "ln_pre",
    .block = "transformer.resblocks.",
    .norm1 = "ln_1",
    .packed_weight = "attn.in_proj_weight",
    .packed_bias = "attn.in_proj_bias",
    .output = "attn.out_proj",
    .norm2 = "ln_2",
    .fc1 = "mlp.c_fc",
    .fc2 = "mlp.c_proj",
    .final_norm = "ln_post",
    .flat_tokens = true,
};

constexpr FormTable kEvaTable{
    .class_token = "cls_token",
    .positions = "pos_embed",
    .patch = "patch_embed.proj",
    .block = "blocks.",
    .norm1 = "norm1",
    .packed_weight = "attn.qkv.weight",
    .query_bias = "attn.q_bias",
    .value_bias = "attn.v_bias",
    .output = "attn.proj",
    .norm2 = "norm2",
    .fc1 = "mlp.fc1",
    .fc2 = "mlp.fc2",
    .patch_bias = true,
};

const FormTable& table(VitForm form) {
  switch (form) {
    case VitForm::kDinov2: return kDinov2Table;
    case VitForm::kClip: return kClipTable;
    case VitForm::kTimm: return kTimmTable;
    case VitForm::kOpenClip: return kOpenClipTable;
    case VitForm::kEva: return kEvaTable;
  }
  return kDinov2Table;
}

SelfAttentionConfig attention_config(const std::string& prefix, const VitConfig& c) {
  const FormTable& names = table(c.form);
  const bool packed = *names.packed_weight != '\0', two_biases = *names.query_bias != '\0';
  return {.query = prefix + names.query,
      .key = prefix + names.key,
      .value = prefix + names.value,
      .output = prefix + names.output,
      .packed_weight = packed ? prefix + names.packed_weight : "",
      .packed_bias = packed ? prefix + names.packed_bias : "",
      .query_bias = two_biases ? prefix + names.query_bias : "",
      .value_bias = two_biases ? prefix + names.value_bias : "",
      .width = c.width,
      .num_heads = c.num_heads,
      .num_kv_heads = c.num_heads,
      .head_dim = c.width / c.num_heads,
      .qkv_bias = c.qkv_bias,
      .output_bias = true,
      .causal = false};
}

}  // namespace

VitBlock::VitBlock(const std::string& prefix, const VitConfig& c)
    : norm1_(prefix + table(c.form).norm1, c.width, c.norm_eps),
      norm2_(prefix + table(c.form).norm2, c.width, c.norm_eps),
      attention_(attention_config(prefix, c)),
      mlp_(prefix + table(c.form).fc1, prefix + table(c.form).fc2, c.width, c.mlp_width, c.activation) {
  if (table(c.form).layer_scale) {
    scale1_.declare(prefix + table(c.form).scale1, {c.width});
    scale2_.declare(prefix + table(c.form).scale2, {c.width});
  }
}

Tensor VitBlock::forward(Ops& ops, const Tensor& x, const BatchPlan& images) const {
  Tensor y = attention_.forward(ops, norm1_.forward(ops, x), images);  // [R, D]
  if (scale1_.declared()) y = ops.channel_scale(y, scale1_);
  const Tensor h = ops.add(x, y);                 // [R, D]
  y = mlp_.forward(ops, norm2_.forward(ops, h));  // [R, D]
  if (scale2_.declared()) y = ops.channel_scale(y, scale2_);
  return ops.add(h, y);
}

void VitBlock::params(ParamList& list) {
  norm1_.params(list);
  attention_.params(list);
  if (scale1_.declared()) list.push_back(&scale1_);
  norm2_.params(list);
  mlp_.params(list);
  if (scale2_.declared()) list.push_back(&scale2_);
}

Vit::Vit(const VitConfig& c, const std::string& prefix)
    : config_(c),
      prefix_(prefix),
      patch_embed_(prefix + table(c.form).patch, c.channels, c.patch_px, c.width, table(c.form).patch_bias) {
  check(c.num_heads > 0 && c.width % c.num_heads == 0, "vit config",
      "width " + std::to_string(c.width) + " does not split into " + std::to_string(c.num_heads) + " heads");
  check(c.patch_px > 0 && c.image_px >= c.patch_px, "vit config",
      "an image of " + std::to_string(c.image_px) + " px holds no patch of " + std::to_string(c.patch_px) + " px");
  check(c.feature_layer >= 0 && c.feature_layer <= c.depth, "vit config",
      "features of layer " + std::to_string(c.feature_layer) + " of " + std::to_string(c.depth));
  const FormTable& names = table(c.form);
  class_token_.declare(prefix + names.class_token, names.flat_tokens ? Shape{c.width} : Shape{1, 1, c.width});
  positions_.declare(
      prefix + names.positions, names.flat_tokens ? Shape{c.tokens(), c.width} : Shape{1, c.tokens(), c.width});
  if (names.final_norm) final_norm_.emplace(prefix + names.final_norm, c.width, c.norm_eps);
  check(final_norm_ || !c.final_norm, "vit config", "this form has no final norm");
  if (names.pre_norm) pre_norm_.emplace(prefix + names.pre_norm, c.width, c.norm_eps);
  for (int i = 0; i < c.depth; ++i) blocks_.emplace_back(prefix + names.block + std::to_string(i) + ".", c);
}

Tensor Vit::embed(Ops& ops, const Tensor& pixels) const {
  const int64_t num_images = pixels.dim(0);
  const Tensor patches = patch_embed_.forward(ops, pixels);                              // [N, P, D]
  const Tensor token = ops.reshape(ops.parameter(class_token_), {1, 1, config_.width});  // [1, 1, D]
  const std::vector<Tensor> copies(static_cast<size_t>(num_images), token);
  const Tensor parts[] = {num_images == 1 ? token : ops.concat(copies, 0), patches};  // [N, 1, D], [N, P, D]
  const Tensor positions = ops.reshape(ops.parameter(positions_), {config_.tokens(), config_.width});  // [T, D]
  Tensor x = ops.add(ops.concat(parts, 1), positions);                                                 // [N, T, D]
  if (pre_norm_) x = pre_norm_->forward(ops, x);
  return ops.tag(x, "embeddings");
}

Tensor Vit::forward(Ops& ops, const Tensor& pixels) const {
  const Shape& s = pixels.shape();
  if (s.rank() != 4 || s[0] < 1 || s[1] != config_.channels || s[2] != config_.image_px || s[3] != config_.image_px)
    throw Error("vit",
        "pixel values have shape " + s.text() + ", wanted [N, " + std::to_string(config_.channels) + ", " +
            std::to_string(config_.image_px) + ", " + std::to_string(config_.image_px) + "]",
        "Preprocess the image with the steps of this model's preset.");
  const int64_t n = s[0], t = config_.tokens(), d = config_.width;
  const std::unique_ptr<BatchPlan> images = ops.plan(RaggedBatch::uniform(n, t));
  Tensor x = ops.reshape(embed(ops, pixels), {n * t, d});  // [N*T, D]
  for (int i = 0; i < config_.feature_layer; ++i)
    x = ops.tag(blocks_[static_cast<size_t>(i)].forward(ops, x, *images), "block", i);  // [N*T, D]
  if (config_.final_norm) x = ops.tag(final_norm_->forward(ops, x), "encoder_norm");
  x = ops.reshape(x, {n, t, d});                                    // [N, T, D]
  return config_.keep_class_token ? x : ops.slice(x, 1, 1, t - 1);  // [N, P, D]
}

void Vit::params(ParamList& list) {
  list.push_back(&class_token_);
  list.push_back(&positions_);
  patch_embed_.params(list);
  if (pre_norm_) pre_norm_->params(list);
  for (VitBlock& block : blocks_) block.params(list);
  if (final_norm_) final_norm_->params(list);
}

std::vector<UnusedTensor> Vit::unused_tensors() const {
  if (config_.form == VitForm::kDinov2 && config_.has_mask_token)
    return {{prefix_ + "embeddings.mask_token", {1, config_.width}}};
  if (config_.form == VitForm::kOpenClip && config_.output_dim > 0)
    return {{prefix_ + "proj", {config_.width, config_.output_dim}}};
  return {};
}

}  // namespace hilum
