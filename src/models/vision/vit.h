// Vision transformer encoders. The published forms share one class; a table of names and facts tells them apart.
//   Dinov2    (Oquab et al. 2023; transformers Dinov2Backbone, Dinov2Model): class token, LayerScale, exact GELU, final
//   norm on all tokens. CLIP      (Radford et al. 2021; transformers CLIPVisionModel): norm before the blocks, quick
//   GELU, features of a chosen layer. timm      (timm VisionTransformer, as open_clip uses it for BiomedCLIP): no norm
//   before the blocks, query, key and value in one matrix. open_clip (open_clip VisionTransformer, in CXR-LLaVA with
//   one channel): CLIP's form, exact GELU, query, key and value in one matrix. EVA       (Fang et al. 2022; EVA-CLIP
//   ViT-g as BLIP-2 and XrayGPT use it): no norm before or after the blocks, keys without a bias.
// N images, C channels, P patches, T = 1 + P tokens, D width.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "base/json.h"
#include "nn/attention.h"
#include "nn/mlp.h"
#include "nn/norm.h"
#include "nn/patch_embed.h"
#include "nn/tower.h"

namespace hilum {

enum class VitForm { kDinov2, kClip, kTimm, kOpenClip, kEva };

struct VitConfig {  // defaults: RAD-DINO-MAIRA-2
  VitForm form = VitForm::kDinov2;
  int image_px = 518, patch_px = 14, channels = 3;
  int width = 768, depth = 12, num_heads = 12, mlp_width = 3072;
  float norm_eps = 1e-6f;
  Activation activation = Activation::kGelu;
  bool qkv_bias = true;
  int feature_layer = 12;         // features are taken after this many blocks
  bool final_norm = true;         // and normalised (Dinov2 backbone); false: as they are (CLIP in LLaVA)
  bool keep_class_token = false;  // select "full"; "default" drops it
  bool has_mask_token = true;     // published Dinov2 files hold one that inference never uses
  int output_dim = 0;  // published open_clip files hold a projection to this width, which features do not pass; 0: none

  int64_t patches() const { return int64_t{image_px / patch_px} * (image_px / patch_px); }
  int64_t tokens() const { return 1 + patches(); }
  int64_t features() const { return patches() + (keep_class_token ? 1 : 0); }  // rows an image gives the projector
};

// From a Hugging Face vision config (model_type "dinov2" or "clip_vision_model"); absent keys take the reference
// class's defaults. `feature_layer` and `select` are the vision_feature_* keys of the config around it. Throws
// Error(where, ...) for forms not known here.
VitConfig vit_config_from_json(
    const Json& vision, int feature_layer, const std::string& select, const std::string& where);

// The sizes of a whole encoder that gives every token after its final norm, class token first. `config` in the form's
// own words:
//   kDinov2 transformers Dinov2Config; kTimm timm's arguments (embed_dim, depth, num_heads, mlp_ratio, patch_size,
//   in_chans, qkv_bias) beside open_clip's image_size and timm_model_name; kOpenClip open_clip's vision_cfg
//   (image_size, patch_size, width, layers, head_width, mlp_ratio) with in_channels and quick_gelu; kEva transformers'
//   Blip2VisionConfig (image_size, patch_size, hidden_size, num_hidden_layers, num_attention_heads, intermediate_size),
//   which has no final norm. Absent keys take the reference's defaults, for timm those of vit_base_patch16_224, for EVA
//   those of XrayGPT.
VitConfig vit_tower_config(VitForm form, const Json& config, const std::string& where);

// The same handing on what `select` says: "default" (without the class token) or "full". Throws Error(where, ...) for
// another word.
VitConfig with_select(VitConfig config, const std::string& select, const std::string& where);

class VitBlock {
 public:
  VitBlock(const std::string& prefix, const VitConfig& config);
  // x [R, D] -> [R, D]; every row sees its whole image
  Tensor forward(Ops& ops, const Tensor& x, const BatchPlan& images) const;
  void params(ParamList& list);

 private:
  LayerNorm norm1_, norm2_;
  SelfAttention attention_;
  Mlp mlp_;
  Param scale1_, scale2_;  // LayerScale; undeclared where the form has none
};

class Vit {
 public:
  // `prefix` begins every parameter's name, e.g. "encoder.".
  Vit(const VitConfig& config, const std::string& prefix);

  // pixels [N, C, image_px, image_px], preprocessed -> features [N, features(), D].
  // Throws Error when the picture has another size or number of channels.
  // Tags: "embeddings" (what enters block 0) [N, T, D], "block" per layer [N*T, D], "encoder_norm" [N*T, D].
  Tensor forward(Ops& ops, const Tensor& pixels) const;

  void params(ParamList& list);  // in the order of the published file
  std::vector<UnusedTensor> unused_tensors() const;
  const VitConfig& config() const { return config_; }

 private:
  Tensor embed(Ops& ops, const Tensor& pixels) const;

  VitConfig config_;
  std::string prefix_;
  Param class_token_, positions_;
  PatchEmbed patch_embed_;
  std::optional<LayerNorm> pre_norm_;
  std::deque<VitBlock> blocks_;
  std::optional<LayerNorm> final_norm_;
};

}  // namespace hilum
