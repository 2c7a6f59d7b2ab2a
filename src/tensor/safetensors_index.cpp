#include "tensor/safetensors_index.h"

#include <map>
#include <set>

#include <fmt/format.h>

#include "base/error.h"
#include "base/file.h"
#include "tensor/sorted_json.h"
#include "tensor/weight_folder.h"

namespace hilum {
namespace {

const char kSingle[] = "model.safetensors";

// The index comes from outside: its file names may not lead out of the model's folder.
void check_inside(const std::string& name, const std::string& where) {
  const fs::path path(name);
  bool inside = !name.empty() && !path.is_absolute() && name.find('\0') == std::string::npos;
  for (const fs::path& part : path)
    if (part == "..") inside = false;
  if (!inside) throw Error(where, "names the file \"" + name + "\", which is outside the model's folder", "Do not use this model directory.");
}

}  // namespace

WeightFiles::WeightFiles(const fs::path& path) {
  const fs::path found = find_weights(path);
  if (found.extension() == ".json") read_index(found);
  else files_.push_back(open_weight_file(found));
  collect();
}

std::vector<std::string> WeightFiles::notes() const {
  std::vector<std::string> all;
  for (const auto& file : files_)
    for (const std::string& note : file->notes()) all.push_back(file->path().filename().string() + ": " + note);
  return all;
}

void WeightFiles::read_index(const fs::path& index) {
  const std::string where = index.string();
  const SortedJson json = parse_sorted_json(read_file(index, size_t{256} << 20), where, 4, kMaxSafetensorsTensors);
  check(json.is_object() && json.contains("weight_map") && json["weight_map"].is_object(), where.c_str(), "holds no weight_map object");
  struct Shard {
    WeightFile* file = nullptr;
    std::set<std::string_view> names;
  };
  std::map<std::string, Shard> opened;
  for (const auto& [tensor, file] : json["weight_map"].items()) {
    check(file.is_string(), where.c_str(), "weight_map gives \"" + tensor + "\" no file name");
    const auto name = file.get<std::string>();
    Shard& shard = opened[name];
    if (!shard.file) {
      check_inside(name, where);
      files_.push_back(open_weight_file(index.parent_path() / name));
      shard.file = files_.back().get();
      for (const WeightEntry& entry : shard.file->entries()) shard.names.insert(entry.name);
    }
    if (!shard.names.contains(tensor)) throw Error(where, "names tensor \"" + tensor + "\" in " + name + ", which does not hold it", "Fetch both again.");
  }
}

void WeightFiles::collect() {
  std::map<std::string_view, const WeightFile*> seen;
  for (const auto& file : files_)
    for (const WeightEntry& entry : file->entries()) {
      const auto [at, is_new] = seen.emplace(entry.name, file.get());
      if (!is_new) throw Error(file->path().string(), "holds tensor \"" + entry.name + "\", and so does " + at->second->path().string());
      items_.push_back({file.get(), &entry});
    }
}

ShardPlan plan_shards(const std::vector<SafetensorsEntry>& tensors, uint64_t max_bytes) {
  ShardPlan plan;
  uint64_t held = 0;
  for (const SafetensorsEntry& tensor : tensors) {
    const uint64_t bytes = static_cast<uint64_t>(tensor.shape.count()) * static_cast<uint64_t>(dtype_bits(tensor.dtype)) / 8;
    if (plan.shards.empty() || held + bytes > max_bytes) {
      if (plan.shards.empty() || !plan.shards.back().entries.empty()) plan.shards.emplace_back();
      held = 0;
    }
    plan.shards.back().entries.push_back(tensor);
    held += bytes;
    plan.total_bytes += bytes;
  }
  const size_t count = plan.shards.size();
  for (size_t i = 0; i < count; ++i)
    plan.shards[i].file = count == 1 ? kSingle : fmt::format("model-{:05}-of-{:05}.safetensors", i + 1, count);
  return plan;
}

std::string ShardPlan::index_json() const {
  std::map<std::string, std::string> weight_map;  // sorted
  for (const Shard& shard : shards)
    for (const SafetensorsEntry& entry : shard.entries) weight_map[entry.name] = shard.file;
  const SortedJson json = {{"metadata", {{"total_size", total_bytes}}}, {"weight_map", weight_map}};
  return json.dump(2) + "\n";
}

}  // namespace hilum
