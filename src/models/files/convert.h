// A published checkpoint, whatever its files, as one model directory: weights as safetensors, config and tokenizer
// files beside them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "tensor/dtype.h"

namespace hilum {

struct ConvertConfig {
  DType type = DType::kF16;  // F32, F16 or BF16 (invariant)
  uint64_t max_shard_bytes = uint64_t{4} << 30;
  std::function<void(uint64_t done_bytes, uint64_t all_bytes)> progress;  // of what is written; may be empty
};

struct ConvertResult {
  size_t tensors = 0, kept = 0;  // kept: integers and truth values, written as they were
  uint64_t bytes = 0;            // of the weights as written
  size_t shards = 0;
  std::vector<std::string> copied;  // config and tokenizer files, relative to the folder
  std::vector<std::string> notes;   // what a torch file held beside weights
};

// Reads `source` (anything WeightFiles opens) and writes the folder `out`: model.safetensors, or shards and their
// index. Floating-point tensors become `type`, one tensor at a time; names stay as published. Config, tokenizer and
// licence files of model_folder(source) are copied to the same relative places; of a single file's folder only if a
// config stands in it. The folder is written as `out`.part and then renamed; after an exception neither is there.
// Throws Error for: an `out` that holds files, an `out`.part in the way, a tensor type that has no such form, a value
// that F16 cannot hold, and what WeightFiles refuses.
ConvertResult convert_checkpoint(
    const std::filesystem::path& source, const std::filesystem::path& out, const ConvertConfig& config);

}  // namespace hilum
