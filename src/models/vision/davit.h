// DaViT (Ding et al. 2022, "DaViT: Dual Attention Vision Transformers"), the image tower of MedImageInsight and of
// Florence-2. Four stages; each begins with an overlapping convolution and repeats pairs of a spatial block (attention
// inside windows) and a channel block (attention between channels). Parameter names are MedImageInsight's ("davit_v1").
// N images, C channels, T tokens of the stage's grid, row by row, D width of the stage, G channel groups or heads.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "nn/linear.h"
#include "nn/mlp.h"
#include "nn/norm.h"
#include "nn/patch_embed.h"
#include "nn/tower.h"

namespace hilum {

struct DavitStageConfig {
  int patch_px = 3, stride_px = 2, padding_px = 1;  // of the convolution that begins the stage
  bool norm_before = true;                          // its norm acts on the incoming tokens; false: on what it gives
  int width = 0;                                    // D
  int depth = 1;                                    // pairs of blocks
  int num_heads = 0, num_groups = 0;                // of spatial and of channel attention
};

struct DavitConfig {  // defaults: MedImageInsight
  int image_px = 480, channels = 3, window = 12, mlp_ratio = 4;
  float norm_eps = 1e-5f;
  bool qkv_bias = true;
  std::vector<DavitStageConfig> stages = {{7, 4, 3, false, 256, 1, 8, 8}, {3, 2, 1, true, 512, 1, 16, 16},
      {3, 2, 1, true, 1024, 9, 32, 32}, {3, 2, 1, true, 2048, 1, 64, 64}};
};

// Keys as Florence-2's vision_config: image_size, in_channels, embed_dim, depths, num_heads, num_groups, patch_size,
// patch_stride, patch_padding, patch_prenorm (lists, one value a stage), window_size, mlp_ratio, qkv_bias. Absent keys
// take MedImageInsight's values.
DavitConfig davit_config_from_json(const Json& config, const std::string& where);

struct DavitGrid {
  int64_t images = 0, height = 0, width = 0;
  int64_t tokens() const { return height * width; }
};

// Which rows of x [N*T, D], followed by one row that stands for every place past the grid, form the windows: window by
// window, row by row inside. The grid is filled up to whole windows on the right and at the bottom. Made once a stage.
struct DavitWindows {
  std::vector<int32_t> rows;  // [windows * window²] -> row of x, or N*T past the grid
  std::vector<int32_t> back;  // [N*T] -> row among the windows'
  int64_t count = 0;
  bool filled = false;              // some place is past the grid
  std::unique_ptr<BatchPlan> plan;  // a window is a sequence
};
DavitWindows davit_windows(Ops& ops, const DavitGrid& grid, int64_t window);

// The four residual steps both blocks share; `channel` says which attention acts.
class DavitBlock {
 public:
  DavitBlock(const std::string& prefix, const DavitConfig& config, const DavitStageConfig& stage, bool channel);
  // x [N*T, D] -> [N*T, D]
  Tensor forward(Ops& ops, const Tensor& x, const DavitGrid& grid, const DavitWindows& windows) const;
  void params(ParamList& list);

 private:
  // Depthwise 3x3 convolution, named "<name>.weight" and ".bias".
  struct Depthwise {
    Depthwise(const std::string& name, int64_t width);
    Tensor forward(Ops& ops, const Tensor& x, const DavitGrid& grid) const;  // x [N*T, D] -> x + convolution
    Param weight, bias;
  };
  // [N*T, 3D] -> [N*T, D]
  Tensor window_attention(Ops& ops, const Tensor& qkv, const DavitWindows& windows) const;
  Tensor channel_attention(Ops& ops, const Tensor& qkv, const DavitGrid& grid) const;

  bool channel_;
  int64_t width_, heads_;  // heads_: groups of a channel block
  Depthwise conv1_, conv2_;
  LayerNorm norm1_, norm2_;
  Linear qkv_, proj_;
  Mlp mlp_;
};

class Davit final : public ImageTower {
 public:
  Davit(const DavitConfig& config, const std::string& prefix);

  // Any picture at least one patch large. -> [N, width()]: the mean of the last stage's tokens, then the final norm.
  // Tags: "stage_embed.<stage>", "block.<i>" (spatial and channel blocks counted through all stages), all [N*T, D].
  Tensor forward(Ops& ops, const Tensor& pixels) const override;
  void params(ParamList& list) override;  // in the order of the published file
  int64_t width() const override { return config_.stages.back().width; }
  int channels() const override { return config_.channels; }
  int image_px() const override { return config_.image_px; }
  std::string summary() const override;
  const DavitConfig& config() const { return config_; }

 private:
  struct Stage {
    Stage(const std::string& prefix, const DavitConfig& config, int index);
    PatchEmbed embed;
    LayerNorm norm;
    std::deque<DavitBlock> blocks;  // spatial, channel, spatial, ...
  };
  DavitConfig config_;
  std::deque<Stage> stages_;
  LayerNorm final_norm_;
};

std::unique_ptr<ImageTower> make_davit(const TowerSource& source);  // pooling "mean"

}  // namespace hilum
