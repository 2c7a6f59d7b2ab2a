#include "models/dual_encoder_config.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "tensor/weight_folder.h"

namespace hilum {
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

LoadedDualEncoder load_dual_encoder(const fs::path& path) {
  DualEncoderDirectory directory = read_dual_encoder_directory(path);
  ParamList params;
  directory.model->params(params);
  const LoadReport report = load_checkpoint(path, params, directory.preset.keys, directory.preset.ignore);
  return {std::move(directory.folder), std::move(directory.preset), std::move(directory.model), report};
}

}  // namespace hilum
