// Weights of a model directory into a model's parameters, and back.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "models/files/preset.h"
#include "tensor/param.h"
#include "tensor/safetensors_index.h"

namespace hilum {

struct LoadReport {
  size_t tensors = 0;  // put into parameters
  int64_t params = 0;
  uint64_t bytes = 0;                // as stored
  std::vector<std::string> ignored;  // published keys on the ignore list
};

// Loads every parameter from a folder (single or sharded) or one .safetensors file. The values stay in the mapped
// files; F64 is narrowed to F32. Throws ONE Error naming all missing, unused, wrongly shaped and wrongly typed tensors
// (the first few of each, and how many).
LoadReport load_checkpoint(const std::filesystem::path& path, const ParamList& params, const std::vector<KeyRule>& keys,
    const std::vector<std::string>& ignore = {}, std::span<const FilePart> parts = {});

// Writes parameters under their published names as F32, F16 or BF16: model.safetensors, or shards and index past
// `max_shard_bytes`. Throws Error for a parameter without values or whose name no rule gives back.
void save_checkpoint(const std::filesystem::path& folder, const ParamList& params, const std::vector<KeyRule>& keys,
    DType storage = DType::kF32, uint64_t max_shard_bytes = 5'000'000'000);
// The same with values asked for one by one as they are written: for more than memory holds.
void save_checkpoint(const std::filesystem::path& folder, const ParamList& params, const std::vector<KeyRule>& keys,
    DType storage, uint64_t max_shard_bytes, const std::function<Tensor(const Param&)>& values);

}  // namespace hilum
