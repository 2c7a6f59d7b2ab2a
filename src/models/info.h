// What a model directory is: parts, sizes, tasks and prompts. `hilum info` prints it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/dual_encoder_config.h"
#include "models/vlm_config.h"

namespace hilum {

struct PartInfo {
  std::string
      name;  // "encoder", "projector", "language"; of an embedding system "image", "text", "image_projection", ...
  size_t tensors = 0;
  int64_t params = 0;
  std::map<std::string, uint64_t> bytes;  // by storage type, "F32" -> bytes
};

// The numbers of an embedding system.
struct EmbeddingInfo {
  int64_t width = 0;  // of an embedding
  int image_px = 0, channels = 0;
  std::string image, text;        // the towers' summaries; text empty where there is none
  int64_t vocab = 0, length = 0;  // of texts: ids, tokens kept
};

struct ModelInfo {
  Preset preset;
  std::optional<VlmConfig> vlm;            // of a vision-language model
  std::optional<EmbeddingInfo> embedding;  // or of an embedding system
  int image_px = 0, channels = 0;          // of a vision-language model's pictures
  int64_t image_tokens = 0;                // rows a picture takes among the tokens
  bool has_weights = false;                // false: counts are what the config declares, as if stored in F32
  std::vector<PartInfo> parts;
  PartInfo total;
  std::optional<LoraSummary> adapter;  // what an adapter would change
  std::vector<std::string> ignored;    // published tensors that no forward uses; counted above
  int64_t flops_image = 0;             // encoder and projector, one image
  int64_t flops_token = 0;  // language model, one token of a prompt of 1,000; text tower, one token of the longest text
  int64_t cache_bytes_token = 0;  // keys and values of one position, F32
};

// Reads config.json or hilum.toml and, where there are any, the headers of the weight files; no weights. With an
// adapter's folder (of a vision-language model), that too. Throws Error as read_vlm_directory, WeightFiles and
// merge_lora.
ModelInfo model_info(const std::filesystem::path& path, const std::filesystem::path& adapter = {});

std::string info_text(const ModelInfo& info);
Json info_json(const ModelInfo& info);

}  // namespace hilum
