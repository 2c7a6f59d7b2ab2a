#include "tensor/weight_folder.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "base/error.h"
#include "base/file.h"
#include "base/stand_in.h"
#include "tensor/weight_file.h"

namespace hilum {
namespace {

constexpr std::array kKnown{"model.safetensors.index.json", "model.safetensors", "open_clip_model.safetensors",
    "pytorch_model.bin.index.json", "pytorch_model.bin", "open_clip_pytorch_model.bin", "weights.th"};
constexpr std::array kExtensions{".safetensors", ".bin", ".pt", ".pth", ".th"};
// Stand beside weights in training folders and hold none of the model's.
constexpr std::array kOthers{"training_args.bin", "optimizer.pt", "optimizer.bin", "scheduler.pt", "scaler.pt",
    "rng_state.pth", "feature_stats.safetensors"};
constexpr std::array kBelow{"vision_model", "checkpoints/vision_model"};
constexpr std::array kConfigs{"config.json", "open_clip_config.json", "config.yaml", "hilum.toml"};
constexpr int kMaxFolderDepth = 6;
constexpr size_t kMaxFolders = 10'000;

template <size_t N>
bool among(const std::array<const char*, N>& names, const std::string& name) {
  return std::any_of(names.begin(), names.end(), [&](const char* each) { return name == each; });
}

// Or what stands in their place: reading them then says what it is.
bool is_weights(const fs::path& file) {
  if (is_stand_in(file)) return true;
  char head[16] = {};
  std::ifstream in(file, std::ios::binary);
  in.read(head, sizeof head);
  return weight_format(std::as_bytes(std::span(head, static_cast<size_t>(in.gcount())))) != WeightFormat::kNone;
}

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code failed;
  for (fs::directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed))
    entries.push_back(at->path());
  std::sort(entries.begin(), entries.end());
  return entries;
}

// In this folder alone; none, one, or several that nothing tells apart.
std::vector<fs::path> candidates(const fs::path& folder) {
  for (const char* name : kKnown)
    if (fs::exists(folder / name)) return {folder / name};
  std::vector<fs::path> found;
  for (const fs::path& file : entries_of(folder))
    if (among(kExtensions, file.extension().string()) && !among(kOthers, file.filename().string()) &&
        fs::is_regular_file(file) && is_weights(file))
      found.push_back(file);
  return found;
}

bool is_package(const fs::path& folder) { return fs::is_regular_file(folder / "MLmodel"); }

// Level by level; links to folders are not followed, so a package cannot lead out of itself or round in circles.
std::vector<fs::path> candidates_below(const fs::path& package) {
  std::vector<fs::path> level{package};
  size_t seen = 0;
  for (int depth = 0; depth < kMaxFolderDepth && !level.empty(); ++depth) {
    std::vector<fs::path> next, found;
    for (const fs::path& folder : level)
      for (const fs::path& entry : entries_of(folder))
        if (fs::is_directory(fs::symlink_status(entry))) {
          if (++seen > kMaxFolders)
            throw Error(package.string(), fmt::format("holds more than {} folders", kMaxFolders),
                "Name the folder of the weights.");
          const std::vector<fs::path> here = candidates(entry);
          found.insert(found.end(), here.begin(), here.end());
          next.push_back(entry);
        }
    if (!found.empty()) return found;
    level = std::move(next);
  }
  return {};
}

std::vector<fs::path> all_candidates(const fs::path& folder) {
  std::vector<fs::path> found = candidates(folder);
  for (const char* below : kBelow)
    if (found.empty() && fs::is_directory(folder / below)) found = candidates(folder / below);
  if (found.empty() && is_package(folder)) found = candidates_below(folder);
  return found;
}

}  // namespace

fs::path find_weights(const fs::path& path) {
  if (!fs::is_directory(path)) return path;
  const std::vector<fs::path> found = all_candidates(path);
  if (found.size() == 1) return found[0];
  if (found.empty())
    throw Error(path.string(),
        fmt::format("holds no weights (looked for {} and any other {} file)", fmt::join(kKnown, ", "),
            fmt::join(kExtensions, ", ")),
        "Is it a model directory, completely fetched?");
  std::vector<std::string> names;
  for (size_t i = 0; i < std::min<size_t>(found.size(), 8); ++i)
    names.push_back(found[i].lexically_relative(path).string());
  throw Error(path.string(),
      fmt::format("holds {} weight files, and no index that joins them: {}", found.size(), fmt::join(names, ", ")),
      "Name one of them.");
}

std::vector<fs::path> weight_sets(const fs::path& folder) {
  std::vector<fs::path> sets;
  const auto add = [&](const fs::path& here) {
    for (const fs::path& file : entries_of(here)) {
      const std::string name = file.filename().string();
      const bool index = name.ends_with(".safetensors.index.json") || name.ends_with(".bin.index.json");
      const bool weights = among(kExtensions, file.extension().string()) && !among(kOthers, name) &&
                           name.find("-of-") == std::string::npos;
      if (fs::is_regular_file(file) && (index || (weights && is_weights(file)))) sets.push_back(file);
    }
  };
  add(folder);
  for (const fs::path& entry : entries_of(folder))
    if (fs::is_directory(entry)) add(entry);
  return sets;
}

bool holds_weight_files(const fs::path& path) {
  if (fs::is_directory(path)) return !all_candidates(path).empty();
  return fs::is_regular_file(path) && is_weights(path);
}

fs::path model_folder(const fs::path& path) {
  if (!fs::is_directory(path)) return path.has_parent_path() ? path.parent_path() : fs::path(".");
  if (!is_package(path)) return path;
  const fs::path weights = find_weights(path).parent_path();
  for (fs::path folder = weights;; folder = folder.parent_path()) {
    if (std::any_of(
            kConfigs.begin(), kConfigs.end(), [&](const char* name) { return fs::is_regular_file(folder / name); }))
      return folder;
    if (folder == path || folder == folder.parent_path()) return weights;
  }
}

}  // namespace hilum
