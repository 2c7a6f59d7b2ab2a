// An embedding system's model directory: its preset, the towers' configs after what config.json says, its weights.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "models/dual_encoder.h"
#include "models/files/checkpoint.h"
#include "models/files/preset.h"

namespace hilum {

// The system of a preset, parameters without values. `config` is the folder's config.json, null where it has none.
// Throws Error(where, ...) for a preset of another kind and for towers that do not fit together.
std::unique_ptr<DualEncoder> make_dual_encoder(const Preset& preset, const Json& config, const std::string& where);

struct DualEncoderDirectory {
  std::filesystem::path folder;  // where config and tokenizer lie; the weights may lie deeper
  Preset preset;
  std::unique_ptr<DualEncoder> model;  // parameters without values
};
DualEncoderDirectory read_dual_encoder_directory(
    const std::filesystem::path& path);  // throws Error naming what is missing or wrong

struct LoadedDualEncoder {
  std::filesystem::path folder;
  Preset preset;
  std::unique_ptr<DualEncoder> model;
  LoadReport report;
};
LoadedDualEncoder load_dual_encoder(const std::filesystem::path& path);
// The embedding form of a system that is loaded for reports already: the image tower takes the values of that encoder's
// parameters (an adapter's among them), and only what the reports leave out is read. Throws Error, besides, where the
// two towers have other parameters.
LoadedDualEncoder load_dual_encoder(const std::filesystem::path& path, std::span<const Param* const> encoder);

}  // namespace hilum
