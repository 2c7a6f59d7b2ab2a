#include "models/dual_encoder_config.h"

#include <map>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "tensor/weight_folder.h"

namespace hilum {
namespace {

// "encoder.blocks.0.norm.weight" -> "blocks.0.norm.weight"
std::string_view below(std::string_view name) { return name.substr(name.find('.') + 1); }

// Gives the image tower's parameters the values of `encoder` and leaves the others in `params`.
void share_values(ParamList& params, std::span<const Param* const> encoder, const std::string& where) {
  std::map<std::string_view, const Param*> by_name;
  for (const Param* param : encoder) by_name[below(param->name())] = param;
  std::erase_if(params, [&](Param* param) {
    if (!param->name().starts_with("image.")) return false;
    const auto found = by_name.find(below(param->name()));
    check(found != by_name.end() && found->second->shape() == param->shape(), where.c_str(),
        "its encoder for reports has no " + param->name() + " as its embedding form has it");
    param->set_data(found->second->data());
    return true;
  });
}

}  // namespace

std::unique_ptr<DualEncoder> make_dual_encoder(const Preset& preset, const Json& config, const std::string& where) {
  if (!preset.embedding) throw Error(where, preset.title + " makes reports, not embeddings", "Use hilum report.");
  const EmbeddingPreset& p = *preset.embedding;
  return std::make_unique<DualEncoder>(
      p, part_config(p.image, config, where), p.text ? part_config(*p.text, config, where) : Json::object(), where);
}

DualEncoderDirectory read_dual_encoder_directory(const fs::path& path) {
  DualEncoderDirectory directory{
      .folder = model_folder(path), .preset = preset_of_files(path, PresetUse::kEmbedding), .model = nullptr};
  directory.model = make_dual_encoder(directory.preset, read_model_config(directory.folder), directory.folder.string());
  return directory;
}

LoadedDualEncoder load_dual_encoder(const fs::path& path) { return load_dual_encoder(path, {}); }

LoadedDualEncoder load_dual_encoder(const fs::path& path, std::span<const Param* const> encoder) {
  DualEncoderDirectory directory = read_dual_encoder_directory(path);
  ParamList params;
  directory.model->params(params);
  if (!encoder.empty()) {
    share_values(params, encoder, directory.folder.string());
    directory.preset.ignore.emplace_back("image.*");
  }
  const LoadReport report = load_checkpoint(path, params, directory.preset.keys, directory.preset.ignore);
  return {std::move(directory.folder), std::move(directory.preset), std::move(directory.model), report};
}

}  // namespace hilum
