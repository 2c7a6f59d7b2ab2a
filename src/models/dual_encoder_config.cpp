#include "models/dual_encoder_config.h"

#include <sstream>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "models/config_reader.h"
#include "tensor/weight_folder.h"

namespace hilum {
namespace {

// The preset's sizes, overridden key by key by the part of config.json that the preset names.
Json tower_config(const PresetTower& tower, const Json& config, const std::string& where) {
  Json sizes = parse_json(tower.config, where);
  if (tower.config_part.empty() || config.is_null()) return sizes;
  ConfigReader part(config, where);
  if (tower.config_part != ".") {
    std::istringstream names(tower.config_part);  // "model_cfg.vision_cfg": a part inside a part
    for (std::string name; std::getline(names, name, '.');) part = part.part(name.c_str());
  }
  for (const auto& [key, value] : part.json().items())
    if (!value.is_null()) sizes[key] = value;
  return sizes;
}

}  // namespace

std::unique_ptr<DualEncoder> make_dual_encoder(const Preset& preset, const Json& config, const std::string& where) {
  if (!preset.embedding) throw Error(where, preset.title + " makes reports, not embeddings", "Use hilum report.");
  const EmbeddingPreset& p = *preset.embedding;
  return std::make_unique<DualEncoder>(p, tower_config(p.image, config, where), p.text ? tower_config(*p.text, config, where) : Json::object(), where);
}

DualEncoderDirectory read_dual_encoder_directory(const fs::path& path) {
  DualEncoderDirectory directory{.folder = model_folder(path), .preset = preset_of_files(path), .model = nullptr};
  directory.model = make_dual_encoder(directory.preset, read_model_config(directory.folder), directory.folder.string());
  return directory;
}

LoadedDualEncoder load_dual_encoder(const fs::path& path) {
  DualEncoderDirectory directory = read_dual_encoder_directory(path);
  ParamList params;
  directory.model->params(params);
  const LoadReport report = load_checkpoint(path, params, directory.preset.keys, directory.preset.ignore);
  return {std::move(directory.folder), std::move(directory.preset), std::move(directory.model), report};
}

}  // namespace hilum
