// What a model directory is: parts, sizes, tasks and prompts. `hilum info` prints it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "models/vlm_config.h"

namespace hilum {

struct PartInfo {
  std::string name;                         // "encoder", "projector", "language"
  size_t tensors = 0;
  int64_t params = 0;
  std::map<std::string, uint64_t> bytes;    // by storage type, "F32" -> bytes
};

struct ModelInfo {
  VlmDirectory directory;
  bool has_weights = false;                 // false: counts are what the config declares, as if stored in F32
  std::vector<PartInfo> parts;
  PartInfo total;
  std::vector<std::string> ignored;         // published tensors that no forward uses; counted above
  int64_t flops_image = 0;                  // encoder and projector, one image
  int64_t flops_token = 0;                  // language model, one token of a prompt of 1,000
  int64_t cache_bytes_token = 0;            // keys and values of one position, F32
};

// Reads config.json and, where there are any, the headers of the weight files; no weights. Throws Error as read_vlm_directory and WeightFiles.
ModelInfo model_info(const std::filesystem::path& path);

std::string info_text(const ModelInfo& info);
Json info_json(const ModelInfo& info);

}  // namespace hilum
