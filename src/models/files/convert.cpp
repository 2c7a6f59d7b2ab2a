#include "models/files/convert.h"
#include "models/files/model_path.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "base/error.h"
#include "base/file.h"
#include "tensor/safetensors_index.h"
#include "tensor/weight_folder.h"

namespace hilum {
namespace {

constexpr std::array kCopiedExtensions{".json", ".model", ".toml", ".jinja", ".yaml", ".yml"};
constexpr std::array kCopiedNames{"vocab.txt", "merges.txt", "README.md", "LICENSE", "LICENSE.txt", "LICENSE.md",
    "NOTICE", "feature_stats.safetensors"};
constexpr std::array kNotCopied{"trainer_state.json", "training_args.json"};
constexpr std::array kConfigs{"config.json", "open_clip_config.json", "config.yaml", "hilum.toml"};
constexpr uint64_t kMaxCopied = uint64_t{256} << 20;
constexpr size_t kMaxFiles = 1000;
constexpr int kMaxDepth = 4;

template <size_t N>
bool among(const std::array<const char*, N>& names, const std::string& name) {
  return std::any_of(names.begin(), names.end(), [&](const char* each) { return name == each; });
}

bool is_copied(const fs::path& file) {
  const std::string name = file.filename().string();
  if (name.starts_with(".") || name.ends_with(".index.json") || among(kNotCopied, name)) return false;
  return among(kCopiedNames, name) || among(kCopiedExtensions, file.extension().string());
}

// Files are followed through links (the Hugging Face cache is made of them), folders are not.
void list_files(const fs::path& folder, int depth, std::vector<fs::path>& files) {
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (fs::is_directory(entry.symlink_status())) {
      if (depth > 0 && !entry.path().filename().string().starts_with(".")) list_files(entry.path(), depth - 1, files);
    } else if (is_copied(entry.path()) && fs::is_regular_file(entry.path()) &&
               fs::file_size(entry.path()) <= kMaxCopied) {
      files.push_back(entry.path());
      if (files.size() > kMaxFiles)
        throw Error(
            folder.string(), fmt::format("holds more than {} config files", kMaxFiles), "Is it a model's folder?");
    }
  }
}

std::vector<fs::path> files_beside(const fs::path& source, const fs::path& folder) {
  std::vector<fs::path> files;
  const bool has_config =
      std::any_of(kConfigs.begin(), kConfigs.end(), [&](const char* name) { return fs::exists(folder / name); });
  if (fs::is_directory(source)) list_files(folder, kMaxDepth, files);
  else if (has_config) list_files(folder, 0, files);
  std::sort(files.begin(), files.end());
  return files;
}

bool is_kept(DType dtype) {
  constexpr std::array kKept{DType::kI64, DType::kI32, DType::kI16, DType::kI8, DType::kU64, DType::kU32, DType::kU16,
      DType::kU8, DType::kBool};
  return std::find(kKept.begin(), kKept.end(), dtype) != kKept.end();
}

std::string name_of(const WeightFiles::Item& item) {
  return item.file->path().string() + ": tensor \"" + item.entry->name + "\"";
}

// A value past 65504 would become infinite in F16 without a word.
void check_range(const Tensor& from, const Tensor& to, const WeightFiles::Item& item) {
  if (to.dtype() != DType::kF16 || from.dtype() == DType::kF16) return;
  const Tensor wide = to_f32(from);
  for (int64_t i = 0, n = wide.shape().count(); i < n; ++i)
    if ((to.u16()[i] & 0x7fff) == 0x7c00 && std::isfinite(wide.f32()[i]))
      throw Error(
          name_of(item), fmt::format("holds {}, more than F16 can (65504)", wide.f32()[i]), "Convert to bf16 or f32.");
}

Tensor converted(const WeightFiles::Item& item, DType type) {
  const Tensor stored = item.file->tensor(*item.entry);
  if (stored.dtype() == type || is_kept(stored.dtype())) return stored;
  Tensor made = to_dtype(stored, type);
  check_range(stored, made, item);
  return made;
}

// The folder being written; gone unless it was put in place.
class PartFolder {
 public:
  explicit PartFolder(const fs::path& out)
      : out_(out.has_filename() ? out : out.parent_path()), part_(out_.string() + ".part") {
    if (fs::exists(out_) && !(fs::is_directory(out_) && fs::is_empty(out_)))
      throw Error(out_.string(), "is there already and is not overwritten", "Name a new folder, or remove this one.");
    if (fs::exists(part_))
      throw Error(part_.string(), "stands in the way, perhaps from a run that was stopped", "Remove it.");
    fs::create_directories(part_);
  }
  ~PartFolder() {
    std::error_code ignored;
    if (!done_) fs::remove_all(part_, ignored);
  }
  PartFolder(const PartFolder&) = delete;
  PartFolder& operator=(const PartFolder&) = delete;

  const fs::path& path() const { return part_; }
  void finish() {
    std::error_code failed;
    fs::rename(part_, out_, failed);
    if (failed) throw Error(out_.string(), "could not be put in place (" + failed.message() + ")");
    done_ = true;
  }

 private:
  fs::path out_, part_;
  bool done_ = false;
};

}  // namespace

ConvertResult convert_checkpoint(const fs::path& source, const fs::path& out, const ConvertConfig& config) {
  invariant(config.type == DType::kF32 || config.type == DType::kF16 || config.type == DType::kBF16,
      "a dense floating-point type");
  check_model_path(source);
  const WeightFiles files(source);
  const fs::path folder = model_folder(source);
  const std::vector<fs::path> beside = files_beside(source, folder);  // listed before `out` exists, which may lie below

  ConvertResult result{.notes = files.notes()};
  std::vector<SafetensorsEntry> entries;
  std::map<std::string_view, const WeightFiles::Item*> by_name;
  for (const WeightFiles::Item& item : files.items()) {
    const DType stored = item.entry->dtype;
    if (!is_float(stored) && !is_kept(stored))
      throw Error(name_of(item), "is " + std::string(dtype_name(stored)) + ", which is not converted",
          "Convertible are F32, F16, BF16, F64 and whole numbers.");
    entries.push_back({item.entry->name, is_float(stored) ? config.type : stored, item.entry->shape});
    result.kept += !is_float(stored);
    by_name[item.entry->name] = &item;
  }
  result.tensors = entries.size();
  const ShardPlan plan = plan_shards(entries, config.max_shard_bytes);
  result.shards = plan.shards.size();
  result.bytes = plan.total_bytes;

  PartFolder part(out);
  for (const fs::path& file : beside) {
    const fs::path relative = file.lexically_relative(folder);
    fs::create_directories((part.path() / relative).parent_path());
    fs::copy_file(file, part.path() / relative);
    result.copied.push_back(relative.string());
  }
  uint64_t done = 0;
  for (const ShardPlan::Shard& shard : plan.shards) {
    SafetensorsWriter writer(part.path() / shard.file, shard.entries, {{"format", "pt"}});
    for (const SafetensorsEntry& entry : writer.entries()) {
      writer.write(converted(*by_name.at(entry.name), config.type));
      done += entry.end - entry.begin;
      if (config.progress) config.progress(done, plan.total_bytes);
    }
    writer.finish();
  }
  if (plan.shards.size() > 1) write_file(part.path() / "model.safetensors.index.json", plan.index_json());
  part.finish();
  return result;
}

}  // namespace hilum
