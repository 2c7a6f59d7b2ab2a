#include "models/files/checkpoint.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/error.h"
#include "base/file.h"
#include "models/files/complaint.h"

namespace hilum {
LoadReport load_checkpoint(const fs::path& path, const ParamList& params, const std::vector<KeyRule>& keys,
    const std::vector<std::string>& ignore, std::span<const FilePart> parts) {
  const WeightFiles files(path, parts);
  std::map<std::string, Param*> wanted;
  for (Param* p : params) invariant(wanted.emplace(p->name(), p).second, "parameters have names of their own");

  LoadReport report;
  Complaint missing("missing"), unused("not part of this model"), shapes("of another shape"), dtypes("of another type"),
      twice("given twice");
  std::map<std::string, std::string> filled;  // our name -> published key
  std::vector<std::pair<Param*, WeightFiles::Item>> found;
  for (const WeightFiles::Item& item : files.items()) {
    const SafetensorsEntry& entry = *item.entry;
    const std::string name = our_name(keys, item.name);
    const auto at = wanted.find(name);
    if (at == wanted.end()) {
      if (is_ignored(ignore, name)) report.ignored.push_back(item.name);
      else unused.add(entry.name);
      continue;
    }
    const std::string file = item.file->path().filename().string();
    if (const auto [before, is_new] = filled.emplace(name, entry.name); !is_new)
      twice.add(before->second + " and " + entry.name);
    else if (entry.shape != at->second->shape())
      shapes.add(fmt::format(
          "{} in {} is {}, the config wants {}", entry.name, file, entry.shape.text(), at->second->shape().text()));
    else if (!is_float(entry.dtype))
      dtypes.add(fmt::format("{} in {} is {}", entry.name, file, dtype_name(entry.dtype)));
    else found.emplace_back(at->second, item);
  }
  for (const Param* p : params)
    if (!filled.contains(p->name())) {
      const std::string published = published_name(keys, p->name());
      missing.add(published.empty() ? p->name() : published);
    }

  const std::string trouble = missing.text() + shapes.text() + dtypes.text() + twice.text() + unused.text();
  if (!trouble.empty())
    throw Error(path.string(), "the tensors do not fit the model of its config.json:" + trouble,
        "\nUse the config.json that came with this checkpoint, and the preset of this model.");
  for (const auto& [param, item] : found) {
    const Tensor stored = item.file->tensor(*item.entry);
    param->set_data(stored.dtype() == DType::kF64 ? to_f32(stored) : stored);
    ++report.tensors;
    report.params += stored.shape().count();
    report.bytes += item.entry->end - item.entry->begin;
  }
  return report;
}

void save_checkpoint(const fs::path& folder, const ParamList& params, const std::vector<KeyRule>& keys, DType storage,
    uint64_t max_shard_bytes) {
  for (const Param* p : params)
    check(p->loaded(), folder.string().c_str(), "parameter " + p->name() + " has no values to write");
  save_checkpoint(folder, params, keys, storage, max_shard_bytes, [](const Param& p) { return p.data(); });
}

void save_checkpoint(const fs::path& folder, const ParamList& params, const std::vector<KeyRule>& keys, DType storage,
    uint64_t max_shard_bytes, const std::function<Tensor(const Param&)>& values) {
  std::vector<SafetensorsEntry> entries;
  std::map<std::string, const Param*> by_name;
  for (const Param* p : params) {
    const std::string name = published_name(keys, p->name());
    check(!name.empty(), folder.string().c_str(), "no key rule of the preset names parameter " + p->name());
    entries.push_back({name, storage, p->shape()});
    by_name[name] = p;
  }
  const ShardPlan plan = plan_shards(entries, max_shard_bytes);
  for (const ShardPlan::Shard& shard : plan.shards) {
    SafetensorsWriter writer(folder / shard.file, shard.entries, {{"format", "pt"}});
    for (const SafetensorsEntry& entry : writer.entries())
      writer.write(to_dtype(values(*by_name.at(entry.name)), storage));
    writer.finish();
  }
  // the index comes last: until then a reader sees the old set or none
  if (plan.shards.size() > 1) write_file(folder / "model.safetensors.index.json", plan.index_json());
  else fs::remove(folder / "model.safetensors.index.json");
}

}  // namespace hilum
