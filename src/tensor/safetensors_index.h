// All weights of a model: the one way to open a weight file or a folder that holds some, whatever their format.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/safetensors.h"
#include "tensor/weight_file.h"

namespace hilum {

// One of several files that make a system together, told by a tensor it holds: what it is called does not matter.
struct FilePart {
  std::string part;   // "projector": begins the names of its tensors ("projector:llama_proj.weight")
  std::string holds;  // "llama_proj.weight"
};

class WeightFiles {
 public:
  // A file of any format of weight_file.h, or a folder; where a folder keeps its weights is find_weights
  // (weight_folder.h). Shards are named by an index.json. Throws Error when there is nothing to read, the index names a
  // file outside the folder, a tensor its file does not hold, or a tensor stands in two files.
  explicit WeightFiles(const std::filesystem::path& path);
  // As above where there are no parts, or where the weights of `path` hold them all together (names as Item::name).
  // Else each part is looked for among the folder's files, shards and direct subfolders (weight_sets). Throws Error
  // naming the part that no file or more than one holds.
  WeightFiles(const std::filesystem::path& path, std::span<const FilePart> parts);

  // Every tensor, file by file in the order of their bytes (a torch file: in the order of its dict).
  struct Item {
    const WeightFile* file;
    const WeightEntry* entry;
    std::string name;  // entry->name, behind its part's "part:" where there are parts
  };
  const std::vector<Item>& items() const { return items_; }
  const std::vector<std::unique_ptr<WeightFile>>& files() const { return files_; }
  std::vector<std::string> notes() const;  // "FILE: what was left out", of all files

 private:
  void open(const std::filesystem::path& found);  // a file, or an index and its shards
  void read_index(const std::filesystem::path& index);
  void collect();
  std::vector<std::unique_ptr<WeightFile>> files_;
  std::vector<std::string> prefixes_;  // of each file: "", or "part:"
  std::vector<Item> items_;
};

// The folder of the file that holds this part, where there is one; else empty. Names as the constructor's.
std::filesystem::path folder_of_part(const std::filesystem::path& path, const FilePart& part);

// A tensor's place in a plan of shards.
struct ShardPlan {
  struct Shard {
    std::string file;  // "model-00001-of-00003.safetensors", or "model.safetensors" when one is enough
    std::vector<SafetensorsEntry> entries;  // begin and end not yet set
  };
  std::vector<Shard> shards;
  uint64_t total_bytes = 0;        // metadata.total_size of the index
  std::string index_json() const;  // the text of model.safetensors.index.json, keys sorted
};

// Greedy, in the given order: a tensor that would take a shard past `max_bytes` opens the next (transformers' rule, 5e9
// by default).
ShardPlan plan_shards(const std::vector<SafetensorsEntry>& tensors, uint64_t max_bytes = 5'000'000'000);

}  // namespace hilum
