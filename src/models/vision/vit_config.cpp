#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "models/files/config_reader.h"
#include "models/vision/vit.h"

namespace hilum {
namespace {

constexpr int kMaxLayers = 1000, kMaxPixels = 16384, kMaxVitPatch = 1024, kMaxChannels = 64, kMaxVitWidth = 1 << 20;

int scaled(int width, float ratio) {
  return static_cast<int>(std::lround(static_cast<double>(width) * std::clamp(ratio, 0.0f, 64.0f)));
}

// What both transformers forms share: sizes of picture, patch and layers. Defaults are the reference class's.
void read_sizes(const ConfigReader& in, VitConfig& c, int default_patch) {
  const std::vector<int> image = in.integers("image_size");  // one number, or [height, width]
  c.image_px = image.empty() ? 224 : image[0];
  for (const int side : image)
    check(side == c.image_px && side > 0 && side <= kMaxPixels, in.where().c_str(),
        "image_size must be square, 1 to 16384 px");
  c.patch_px = in.integer("patch_size", default_patch, kMaxVitPatch);
  c.channels = in.integer("num_channels", 3, kMaxChannels);
  c.width = in.integer("hidden_size", 768, kMaxVitWidth);
  c.depth = in.integer("num_hidden_layers", 12, kMaxLayers);
  c.num_heads = in.integer("num_attention_heads", 12, kMaxVitWidth);
}

VitConfig dinov2_config(const ConfigReader& in, int feature_layer) {
  VitConfig c;  // defaults of transformers' Dinov2Config
  c.form = VitForm::kDinov2;
  read_sizes(in, c, 14);
  c.mlp_width = scaled(c.width, in.real("mlp_ratio", 4));
  c.norm_eps = in.real("layer_norm_eps", 1e-6f);
  c.activation = activation_from_name(in.text("hidden_act", "gelu"), in.where());
  c.qkv_bias = in.flag("qkv_bias", true);
  c.has_mask_token = in.flag("use_mask_token", true);
  c.final_norm = in.flag("apply_layernorm", true);
  if (in.flag("use_swiglu_ffn", false)) throw Error(in.where(), "use_swiglu_ffn (the giant Dinov2) is not known here");
  // The backbone gives the maps named by out_features ("stage12": after block 12); feature_layer picks one of them.
  std::vector<std::string> stages = in.texts("out_features");
  if (stages.empty()) stages = {"stage" + std::to_string(c.depth)};
  const int count = static_cast<int>(stages.size());
  const int index = feature_layer < 0 ? feature_layer + count : feature_layer;
  check(index >= 0 && index < count, in.where().c_str(),
      "vision_feature_layer " + std::to_string(feature_layer) + " of " + std::to_string(count) + " feature maps");
  const std::string& stage = stages[static_cast<size_t>(index)];
  c.feature_layer = -1;
  for (int i = 1; i <= c.depth; ++i)
    if (stage == "stage" + std::to_string(i)) c.feature_layer = i;
  if (stage == "stem") c.feature_layer = 0;
  check(c.feature_layer >= 0, in.where().c_str(),
      "out_features names \"" + stage + "\", the encoder has stem and stage1 to stage" + std::to_string(c.depth));
  return c;
}

VitConfig clip_config(const ConfigReader& in, int feature_layer) {
  VitConfig c;  // defaults of transformers' CLIPVisionConfig
  c.form = VitForm::kClip;
  read_sizes(in, c, 32);
  c.mlp_width = in.integer("intermediate_size", 3072);
  c.norm_eps = in.real("layer_norm_eps", 1e-5f);
  c.activation = activation_from_name(in.text("hidden_act", "quick_gelu"), in.where());
  c.has_mask_token = false;
  c.final_norm = false;
  // hidden_states holds depth + 1 entries: what enters block 0, then each block's output.
  c.feature_layer = feature_layer < 0 ? feature_layer + c.depth + 1 : feature_layer;
  check(c.feature_layer >= 0 && c.feature_layer <= c.depth, in.where().c_str(),
      "vision_feature_layer " + std::to_string(feature_layer) + " of an encoder with " + std::to_string(c.depth) +
          " layers");
  return c;
}

// timm's arguments under their own names; open_clip gives the model's name and image_size.
VitConfig timm_config(const ConfigReader& in) {
  const std::string name = in.text("timm_model_name", "vit_base_patch16_224");
  if (name != "vit_base_patch16_224")
    throw Error(in.where(), "timm_model_name \"" + name + "\" is not known",
        "Known is vit_base_patch16_224; other sizes of its form can be given beside it.");
  VitConfig c;
  c.form = VitForm::kTimm;
  c.image_px = in.integer("image_size", 224, kMaxPixels);
  c.patch_px = in.integer("patch_size", 16, kMaxVitPatch);
  c.channels = in.integer("in_chans", 3, kMaxChannels);
  c.width = in.integer("embed_dim", 768, kMaxVitWidth);
  c.depth = in.integer("depth", 12, kMaxLayers);
  c.num_heads = in.integer("num_heads", 12, kMaxVitWidth);
  c.mlp_width = scaled(c.width, in.real("mlp_ratio", 4));
  c.qkv_bias = in.flag("qkv_bias", true);
  c.norm_eps = 1e-6f;
  return c;
}

// open_clip's CLIPVisionCfg.
VitConfig open_clip_config(const ConfigReader& in) {
  VitConfig c;
  c.form = VitForm::kOpenClip;
  c.image_px = in.integer("image_size", 224, kMaxPixels);
  c.patch_px = in.integer("patch_size", 16, kMaxVitPatch);
  c.channels = in.integer("in_channels", 3, kMaxChannels);
  c.width = in.integer("width", 768, kMaxVitWidth);
  c.depth = in.integer("layers", 12, kMaxLayers);
  const int head_width = in.integer("head_width", 64, kMaxVitWidth);
  check(head_width > 0 && c.width % head_width == 0, in.where().c_str(),
      "width " + std::to_string(c.width) + " does not split into heads of " + std::to_string(head_width));
  c.num_heads = c.width / head_width;
  c.mlp_width = scaled(c.width, in.real("mlp_ratio", 4));
  c.output_dim = in.integer("output_dim", 0, kMaxVitWidth);
  c.norm_eps = 1e-5f;
  c.activation = in.flag("quick_gelu", false) ? Activation::kQuickGelu : Activation::kGelu;
  return c;
}

// transformers' Blip2VisionConfig; defaults: EVA-CLIP ViT-g of which 39 blocks are used.
VitConfig eva_config(const ConfigReader& in) {
  VitConfig c;
  c.form = VitForm::kEva;
  c.image_px = in.integer("image_size", 224, kMaxPixels);
  c.patch_px = in.integer("patch_size", 14, kMaxVitPatch);
  c.width = in.integer("hidden_size", 1408, kMaxVitWidth);
  c.depth = in.integer("num_hidden_layers", 39, kMaxLayers);
  c.num_heads = in.integer("num_attention_heads", 16, kMaxVitWidth);
  c.mlp_width = in.integer("intermediate_size", 6144);
  c.norm_eps = in.real("layer_norm_eps", 1e-6f);
  return c;
}

}  // namespace

VitConfig vit_tower_config(VitForm form, const Json& config, const std::string& where) {
  const ConfigReader in(config, where);
  invariant(form != VitForm::kClip, "transformers' CLIP has no tower of its own");
  VitConfig c = form == VitForm::kDinov2 ? dinov2_config(in, -1)
                : form == VitForm::kTimm ? timm_config(in)
                : form == VitForm::kEva  ? eva_config(in)
                                         : open_clip_config(in);
  c.has_mask_token = c.has_mask_token && form == VitForm::kDinov2;
  c.feature_layer = c.depth;  // a Dinov2 config's out_features speak of the backbone, not of the whole model
  c.final_norm = form != VitForm::kEva;
  c.keep_class_token = true;
  return c;
}

VitConfig with_select(VitConfig config, const std::string& select, const std::string& where) {
  if (select != "default" && select != "full")
    throw Error(where, "vision_feature_select_strategy \"" + select + "\" is not known", "Known are default and full.");
  config.keep_class_token = select == "full";
  return config;
}

VitConfig vit_config_from_json(
    const Json& vision, int feature_layer, const std::string& select, const std::string& where) {
  const ConfigReader in(vision, where);
  const std::string type = in.text("model_type", "");
  VitConfig config;
  if (type == "dinov2") config = dinov2_config(in, feature_layer);
  else if (type == "clip_vision_model") config = clip_config(in, feature_layer);
  else
    throw Error(
        where, "vision encoder of model_type \"" + type + "\" is not known", "Known are dinov2 and clip_vision_model.");
  return with_select(config, select, where);
}

}  // namespace hilum
