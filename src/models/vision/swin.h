// Swin transformer (Liu et al. 2021; transformers SwinModel, whose parameter names these are): attention inside windows
// of w x w tokens, every second block with the windows shifted by half of one; between stages four tokens are merged
// and the width doubles. N images, G side of a stage's token grid, T = w*w tokens of a window, W windows of an image, C
// width of the stage, h heads.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/vision/swin_window.h"
#include "nn/mlp.h"
#include "nn/norm.h"
#include "nn/patch_embed.h"
#include "nn/tower.h"

namespace hilum {

struct SwinConfig {  // defaults: swin-tiny-patch4-window7-224
  int image_px = 224, patch_px = 4, channels = 3;
  int width = 96;  // of the first stage
  std::vector<int> depths = {2, 2, 6, 2}, heads = {3, 6, 12, 24};
  int window = 7;
  float mlp_ratio = 4, norm_eps = 1e-5f;
  Activation activation = Activation::kGelu;
  bool qkv_bias = true;

  int stages() const { return static_cast<int>(depths.size()); }
  int grid(int stage) const { return image_px / patch_px >> stage; }  // G
  int stage_width(int stage) const { return width << stage; }         // C
};

// transformers SwinConfig's words; absent keys take its defaults. Throws Error where a grid does not split into whole
// windows (the published sizes do; others would be padded), where its tables would be of unheard size, or absolute
// positions are asked for.
SwinConfig swin_config_from_json(const Json& config, const std::string& where);

// What a block needs to know of its stage. Blocks of one stage share the two tables, plain and shifted.
struct SwinStage {
  int grid = 0, width = 0, heads = 0, window = 0;
  std::shared_ptr<const SwinWindows> windows;
};

// A stage's windows in one pass over N images; blocks with the same table share it.
struct SwinRows {
  std::vector<int32_t> tokens, places;  // [N*G*G] as SwinWindows has them for one image
  Tensor mask;                          // [W, h, T, T] of the backend; undefined where the windows are not shifted
};

class SwinBlock {
 public:
  SwinBlock(const std::string& prefix, const SwinConfig& config, const SwinStage& stage);
  SwinRows rows(Ops& ops, int64_t images) const;
  Tensor forward(Ops& ops, const Tensor& x, const SwinRows& rows) const;  // [N*G*G, C] -> the same
  void params(ParamList& list);
  UnusedTensor spare() const;  // the index of the bias table, which we compute

 private:
  Tensor attend(Ops& ops, const Tensor& x, const Tensor& mask) const;  // window by window [N*W*T, C] -> the same
  Tensor split(Ops& ops, const Tensor& x) const;                       // [N*W*T, C] -> [N*W, h, T, C/h]
  Tensor bias(Ops& ops, const Tensor& mask) const;  // added to scores: [h, T, T], or [W, h, T, T] with a mask

  SwinStage stage_;
  std::vector<int32_t> bias_index_;  // [T*T]
  std::string index_name_;
  LayerNorm norm_before_, norm_after_;
  Param bias_table_;  // [(2w-1)^2, h]
  Linear query_, key_, value_, output_;
  Mlp mlp_;
};

// Four neighbouring tokens to one: concatenated, normalised, 4C -> 2C.
class SwinMerge {
 public:
  SwinMerge(const std::string& prefix, int grid, int width, float eps)
      : order_(merge_order(grid)),
        width_(width),
        norm_(prefix + "norm", 4 * width, eps),
        reduction_(prefix + "reduction", 4 * width, 2 * width, false) {}
  Tensor forward(Ops& ops, const Tensor& x) const;  // [N*G*G, C] -> [N*G*G/4, 2C]
  void params(ParamList& list) {
    reduction_.params(list);
    norm_.params(list);
  }

 private:
  std::vector<int32_t> order_;
  int width_;
  LayerNorm norm_;
  Linear reduction_;
};

// Pooled: the mean of the last stage's tokens after the final norm.
class Swin final : public ImageTower {
 public:
  Swin(const SwinConfig& config, const std::string& prefix);

  // pixels [N, channels, px, px], or [N, 1, px, px], which is taken for every channel (as MedCLIP does) -> [N, D].
  // Tags: "embeddings" [N*G*G, C], "block" per block over all stages [N*G*G, C], "encoder_norm" [N*G*G, D].
  Tensor forward(Ops& ops, const Tensor& pixels) const override;
  void params(ParamList& list) override;  // in the order of the published file
  std::vector<UnusedTensor> unused_tensors() const override;
  int64_t width() const override { return config_.stage_width(config_.stages() - 1); }
  int channels() const override { return config_.channels; }
  int image_px() const override { return config_.image_px; }
  std::string summary() const override;

 private:
  struct Stage {
    std::deque<SwinBlock> blocks;
    std::optional<SwinMerge> merge;  // none after the last
  };
  SwinConfig config_;
  PatchEmbed patch_embed_;
  LayerNorm embedding_norm_;
  std::deque<Stage> stages_;
  LayerNorm norm_;
};

// Kind "swin". Pooling "mean".
std::unique_ptr<ImageTower> make_swin(const TowerSource& source);

}  // namespace hilum
