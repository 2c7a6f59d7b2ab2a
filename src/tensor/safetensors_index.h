// All weights of a model directory: one model.safetensors, or shards named by model.safetensors.index.json.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/safetensors.h"

namespace hilum {

class WeightFiles {
 public:
  // A folder (the index wins over a single file, as in the reference loader) or one .safetensors file. Throws Error when there is nothing to
  // read, the index names a file outside the folder, a tensor its file does not hold, or a tensor stands in two files.
  explicit WeightFiles(const std::filesystem::path& path);

  // Every tensor, file by file in the order of their bytes.
  struct Item {
    const SafetensorsFile* file;
    const SafetensorsEntry* entry;
  };
  const std::vector<Item>& items() const { return items_; }
  const std::vector<std::unique_ptr<SafetensorsFile>>& files() const { return files_; }

 private:
  void read_index(const std::filesystem::path& index);
  void collect();
  std::vector<std::unique_ptr<SafetensorsFile>> files_;
  std::vector<Item> items_;
};

// A tensor's place in a plan of shards.
struct ShardPlan {
  struct Shard {
    std::string file;                                // "model-00001-of-00003.safetensors", or "model.safetensors" when one is enough
    std::vector<SafetensorsEntry> entries;           // begin and end not yet set
  };
  std::vector<Shard> shards;
  uint64_t total_bytes = 0;                          // metadata.total_size of the index
  std::string index_json() const;                    // the text of model.safetensors.index.json, keys sorted
};

// Greedy, in the given order: a tensor that would take a shard past `max_bytes` opens the next (transformers' rule, 5e9 by default).
ShardPlan plan_shards(const std::vector<SafetensorsEntry>& tensors, uint64_t max_bytes = 5'000'000'000);

}  // namespace hilum
