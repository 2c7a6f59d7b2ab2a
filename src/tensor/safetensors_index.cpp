#include "tensor/safetensors_index.h"

#include <algorithm>
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
  if (!inside)
    throw Error(where, "names the file \"" + name + "\", which is outside the model's folder",
        "Do not use this model directory.");
}

struct NamedSet {
  fs::path path;  // the file or the index
  std::set<std::string> names;
};

std::vector<NamedSet> named_sets(const fs::path& folder) {
  std::vector<NamedSet> sets;
  for (const fs::path& path : weight_sets(folder)) {
    sets.push_back({path, {}});
    const WeightFiles opened(path);
    for (const WeightFiles::Item& item : opened.items()) sets.back().names.insert(item.entry->name);
  }
  return sets;
}

std::vector<fs::path> holders(const std::vector<NamedSet>& sets, const std::string& tensor) {
  std::vector<fs::path> found;
  for (const NamedSet& set : sets)
    if (set.names.contains(tensor)) found.push_back(set.path);
  return found;
}

// Whether one set holds all parts, written together: its names say the part already.
bool are_joined(const std::vector<NamedSet>& sets, std::span<const FilePart> parts) {
  return std::any_of(sets.begin(), sets.end(), [&](const NamedSet& set) {
    return std::all_of(parts.begin(), parts.end(),
        [&](const FilePart& part) { return set.names.contains(part.part + ":" + part.holds); });
  });
}

}  // namespace

WeightFiles::WeightFiles(const fs::path& path) : WeightFiles(path, {}) {}

WeightFiles::WeightFiles(const fs::path& path, std::span<const FilePart> parts) {
  const bool several = !parts.empty() && fs::is_directory(path);
  const std::vector<NamedSet> sets = several ? named_sets(path) : std::vector<NamedSet>{};
  if (!several || are_joined(sets, parts)) {
    open(find_weights(path));
  } else {
    for (const FilePart& part : parts) {
      const std::vector<fs::path> found = holders(sets, part.holds);
      if (found.empty())
        throw Error(path.string(),
            "the " + part.part + " is missing: no weight file here or in a folder below holds the tensor \"" +
                part.holds + "\"",
            "Put that file beside the others.");
      if (found.size() > 1)
        throw Error(path.string(),
            "holds the " + part.part + " twice: " + found[0].lexically_relative(path).string() + " and " +
                found[1].lexically_relative(path).string() + " both hold the tensor \"" + part.holds + "\"",
            "Move one of them elsewhere.");
      open(found[0]);
      prefixes_.resize(files_.size(), part.part + ":");
    }
  }
  prefixes_.resize(files_.size());
  collect();
}

void WeightFiles::open(const fs::path& found) {
  if (found.extension() == ".json") read_index(found);
  else files_.push_back(open_weight_file(found));
}

fs::path folder_of_part(const fs::path& path, const FilePart& part) {
  if (!fs::is_directory(path)) return {};
  const std::vector<fs::path> found = holders(named_sets(path), part.holds);
  return found.size() == 1 ? found[0].parent_path() : fs::path();
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
  check(json.is_object() && json.contains("weight_map") && json["weight_map"].is_object(), where.c_str(),
      "holds no weight_map object");
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
    if (!shard.names.contains(tensor))
      throw Error(
          where, "names tensor \"" + tensor + "\" in " + name + ", which does not hold it", "Fetch both again.");
  }
}

void WeightFiles::collect() {
  std::map<std::string, const WeightFile*> seen;
  for (size_t i = 0; i < files_.size(); ++i)
    for (const WeightEntry& entry : files_[i]->entries()) {
      std::string name = prefixes_[i] + entry.name;
      const auto [at, is_new] = seen.emplace(name, files_[i].get());
      if (!is_new)
        throw Error(files_[i]->path().string(),
            "holds tensor \"" + entry.name + "\", and so does " + at->second->path().string());
      items_.push_back({files_[i].get(), &entry, std::move(name)});
    }
}

ShardPlan plan_shards(const std::vector<SafetensorsEntry>& tensors, uint64_t max_bytes) {
  ShardPlan plan;
  uint64_t held = 0;
  for (const SafetensorsEntry& tensor : tensors) {
    const uint64_t bytes =
        static_cast<uint64_t>(tensor.shape.count()) * static_cast<uint64_t>(dtype_bits(tensor.dtype)) / 8;
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
