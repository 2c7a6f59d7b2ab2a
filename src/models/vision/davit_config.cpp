#include <nlohmann/json.hpp>

#include "base/error.h"
#include "models/files/config_reader.h"
#include "models/vision/davit.h"

namespace hilum {
namespace {

constexpr int kMaxDavitStages = 8, kMaxDavitWidth = 1 << 16, kMaxDavitDepth = 1000, kMaxDavitPatch = 64;

// One value a stage, each 0 or `least` .. `most`.
std::vector<int> per_stage(const ConfigReader& in, const char* key, std::vector<int> absent, int least, int most) {
  std::vector<int> values = in.has(key) ? in.integers(key) : std::move(absent);
  for (const int value : values)
    check(value >= least && value <= most, in.where().c_str(),
        std::string("\"") + key + "\" holds " + std::to_string(value));
  return values;
}

}  // namespace

DavitConfig davit_config_from_json(const Json& json, const std::string& where) {
  const ConfigReader in(json, where);
  DavitConfig c;
  c.image_px = in.integer("image_size", 480, 16384);
  c.channels = in.integer("in_channels", 3, 64);
  c.window = in.integer("window_size", 12, 1024);
  c.mlp_ratio = in.integer("mlp_ratio", 4, 64);
  c.norm_eps = in.real("layer_norm_eps", 1e-5f);
  c.qkv_bias = in.flag("qkv_bias", true);
  check(c.image_px > 0 && c.channels > 0 && c.window > 0 && c.mlp_ratio > 0 && c.norm_eps > 0, where.c_str(),
      "image_size, in_channels, window_size, mlp_ratio and layer_norm_eps must be above 0");
  const std::vector<int> width = per_stage(in, "embed_dim", {256, 512, 1024, 2048}, 1, kMaxDavitWidth);
  const std::vector<int> depth = per_stage(in, "depths", {1, 1, 9, 1}, 0, kMaxDavitDepth);
  const std::vector<int> heads = per_stage(in, "num_heads", {8, 16, 32, 64}, 1, kMaxDavitWidth);
  const std::vector<int> groups = per_stage(in, "num_groups", {8, 16, 32, 64}, 1, kMaxDavitWidth);
  const std::vector<int> patch = per_stage(in, "patch_size", {7, 3, 3, 3}, 1, kMaxDavitPatch);
  const std::vector<int> stride = per_stage(in, "patch_stride", {4, 2, 2, 2}, 1, kMaxDavitPatch);
  const std::vector<int> padding = per_stage(in, "patch_padding", {3, 1, 1, 1}, 0, kMaxDavitPatch);
  std::vector<bool> before = {false, true, true, true};
  if (in.has("patch_prenorm")) {
    const Json& list = in.json().at("patch_prenorm");
    check(list.is_array(), where.c_str(), "\"patch_prenorm\" is not a list of true and false");
    before.clear();
    for (const Json& item : list) {
      check(item.is_boolean(), where.c_str(), "\"patch_prenorm\" is not a list of true and false");
      before.push_back(item.get<bool>());
    }
  }
  const size_t count = width.size();
  check(count >= 1 && count <= kMaxDavitStages, where.c_str(),
      "\"embed_dim\" names " + std::to_string(count) + " stages, wanted 1 to 8");
  const std::pair<const char*, size_t> lists[] = {{"depths", depth.size()}, {"num_heads", heads.size()},
      {"num_groups", groups.size()}, {"patch_size", patch.size()}, {"patch_stride", stride.size()},
      {"patch_padding", padding.size()}, {"patch_prenorm", before.size()}};
  for (const auto& [key, size] : lists)
    check(size == count, where.c_str(),
        std::string("\"") + key + "\" has " + std::to_string(size) + " values, \"embed_dim\" " + std::to_string(count));
  check(!before[0], where.c_str(), "\"patch_prenorm\" begins with true, but pixels have no norm before them");
  c.stages.clear();
  for (size_t i = 0; i < count; ++i) {
    check(width[i] % heads[i] == 0 && width[i] % groups[i] == 0 && width[i] / heads[i] <= 256, where.c_str(),
        "stage " + std::to_string(i) + ": width " + std::to_string(width[i]) + " does not split into " +
            std::to_string(heads[i]) + " heads of at most 256 and " + std::to_string(groups[i]) + " groups");
    c.stages.push_back({patch[i], stride[i], padding[i], before[i], width[i], depth[i], heads[i], groups[i]});
  }
  return c;
}

std::unique_ptr<ImageTower> make_davit(const TowerSource& source) {
  check(source.pooling == "mean", source.where.c_str(), "pooling \"" + source.pooling + "\" is not one of DaViT's",
      "Known is mean.");
  return std::make_unique<Davit>(davit_config_from_json(source.config, source.where), source.prefix);
}

}  // namespace hilum
