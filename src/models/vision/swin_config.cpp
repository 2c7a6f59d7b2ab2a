#include <fmt/format.h>

#include "base/error.h"
#include "models/files/config_reader.h"
#include "models/vision/swin.h"

namespace hilum {

SwinConfig swin_config_from_json(const Json& config, const std::string& where) {
  constexpr int kMaxPixels = 16384, kMaxPatch = 1024, kMaxChannels = 64, kMaxWidth = 1 << 16;
  constexpr int kMaxDepth = 100, kMaxStages = 8, kMaxWindow = 64;
  constexpr int64_t kMaxPairs =
      1 << 22;  // of tokens that share a window, a picture; 154,000 at most in the published sizes
  const ConfigReader in(config, where);
  const char* at = where.c_str();
  SwinConfig c;
  c.image_px = in.integer("image_size", c.image_px, kMaxPixels);
  c.patch_px = in.integer("patch_size", c.patch_px, kMaxPatch);
  c.channels = in.integer("num_channels", c.channels, kMaxChannels);
  c.width = in.integer("embed_dim", c.width, kMaxWidth);
  if (in.has("depths")) c.depths = in.integers("depths");
  if (in.has("num_heads")) c.heads = in.integers("num_heads");
  c.window = in.integer("window_size", c.window, kMaxWindow);
  c.mlp_ratio = in.real("mlp_ratio", c.mlp_ratio);
  c.norm_eps = in.real("layer_norm_eps", c.norm_eps);
  c.activation = activation_from_name(in.text("hidden_act", "gelu"), where);
  c.qkv_bias = in.flag("qkv_bias", true);
  check(!in.flag("use_absolute_embeddings", false), at, "use_absolute_embeddings is not known here");
  check(c.channels > 0 && c.width > 0 && c.window > 0 && c.mlp_ratio > 0 && c.mlp_ratio <= 64, at,
      "a Swin of no channels, width, window or MLP");
  check(!c.depths.empty() && c.depths.size() == c.heads.size() && c.stages() <= kMaxStages, at,
      fmt::format("depths has {} entries, num_heads {}; wanted as many of each, 1 to {}", c.depths.size(),
          c.heads.size(), kMaxStages));
  check(c.patch_px > 0 && c.image_px >= c.patch_px && c.image_px % c.patch_px == 0, at,
      fmt::format("an image of {} px does not split into patches of {} px", c.image_px, c.patch_px));
  for (int s = 0; s < c.stages(); ++s) {
    const int depth = c.depths[static_cast<size_t>(s)], heads = c.heads[static_cast<size_t>(s)],
              side = c.image_px / c.patch_px;
    check(depth > 0 && depth <= kMaxDepth && heads > 0 && c.stage_width(s) % heads == 0, at,
        fmt::format("stage {} has {} blocks and {} heads of width {}", s, depth, heads, c.stage_width(s)));
    check(side % (1 << s) == 0 && c.grid(s) % c.window == 0, at,
        fmt::format("stage {} has a grid of {} / {} tokens a side, which does not split into windows of {}; padded "
                    "windows are not known here",
            s, side, 1 << s, c.window));
    check(int64_t{c.grid(s)} * c.grid(s) * c.window * c.window <= kMaxPairs, at,
        fmt::format("stage {} has {} x {} tokens in windows of {}, more pairs than are allowed for", s, c.grid(s),
            c.grid(s), c.window));
  }
  return c;
}

std::unique_ptr<ImageTower> make_swin(const TowerSource& source) {
  if (source.pooling != "mean")
    throw Error(
        source.where, "swin has no pooling \"" + source.pooling + "\"", "It has \"mean\": of the last stage's tokens.");
  return std::make_unique<Swin>(swin_config_from_json(source.config, source.where), source.prefix);
}

}  // namespace hilum
