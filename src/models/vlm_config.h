// A vision-language model's config.json (the LLaVA form: text_config, vision_config and the joint between), and its
// model directory.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "base/json.h"
#include "models/files/checkpoint.h"
#include "models/files/lora.h"
#include "models/files/preset.h"
#include "models/vlm.h"

namespace hilum {

// Absent keys take the defaults of the reference classes, and of MAIRA-2 for the joint. Throws Error(where, ...) for
// forms not known here.
VlmConfig vlm_config_from_json(const Json& config, const Preset& preset, const std::string& where);
// The config.json that gives back this config.
Json vlm_config_to_json(const VlmConfig& config, const Preset& preset);

// What a model directory says beside its weights.
struct VlmDirectory {
  std::filesystem::path folder;  // where config and tokenizer lie; the weights may lie deeper
  Preset preset;
  VlmConfig config;
  // eos_token_id, one or a list, of generation_config.json, else of config.json, else of its text_config; empty where
  // none names one.
  std::vector<int32_t> stop_ids;
};
VlmDirectory read_vlm_directory(const std::filesystem::path& path);  // throws Error naming what is missing or wrong

struct LoadedVlm {
  VlmDirectory directory;
  std::unique_ptr<Vlm> model;
  LoadReport report;
  std::optional<LoraSummary> adapter;
};
// With an adapter's folder, its changes are merged into the weights. Throws Error as read_vlm_directory,
// load_checkpoint and merge_lora.
LoadedVlm load_vlm(const std::filesystem::path& path, const std::filesystem::path& adapter = {});
// The model's parameters (weights loaded or not) held against an adapter, or changed by it.
LoraSummary merge_adapter(const std::filesystem::path& adapter, const VlmDirectory& directory, const ParamList& params);

}  // namespace hilum
