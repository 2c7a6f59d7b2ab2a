#include "models/info.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "ops/check/check_ops.h"
#include "tensor/safetensors_index.h"
#include "tensor/weight_folder.h"

namespace hilum {
namespace {

void count(ModelInfo& info, const std::string& name, int64_t params, const std::string& type, uint64_t bytes) {
  const std::string part = name.substr(0, name.find('.'));
  auto at = std::find_if(info.parts.begin(), info.parts.end(), [&](const PartInfo& p) { return p.name == part; });
  if (at == info.parts.end()) at = info.parts.insert(info.parts.end(), PartInfo{.name = part});
  for (PartInfo* sum : {&*at, &info.total}) {
    ++sum->tensors;
    sum->params += params;
    sum->bytes[type] += bytes;
  }
}

// Work by ops/check: the language model's from a prompt of 1,000 tokens, so that attention has its usual share.
void count_work(ModelInfo& info, const Vlm& model) {
  const VlmConfig& c = model.config();
  const auto picture = Tensor(Shape{1, c.encoder.channels, c.encoder.image_px, c.encoder.image_px}, DType::kF32, nullptr);
  CheckOps image;
  model.project(image, model.encode_images(image, picture));
  info.flops_image = image.counts().flops;
  const int64_t length = std::min<int64_t>(1000, c.language.context);
  CheckOps text;
  const RaggedBatch rows = RaggedBatch::single(length);
  const Tensor x = text.from_host(Tensor(Shape{length, c.language.width}, DType::kF32, nullptr));
  model.decoder().forward(text, x, rows, nullptr);
  info.flops_token = text.counts().flops / length;
  info.cache_bytes_token = int64_t{2} * 4 * c.language.depth * c.language.num_kv_heads * c.language.head_dim;
}

}  // namespace

ModelInfo model_info(const std::filesystem::path& path) {
  ModelInfo info{.directory = read_vlm_directory(path)};
  info.total.name = "total";
  Vlm model(info.directory.config);
  info.has_weights = holds_weight_files(path);
  const Preset& preset = info.directory.preset;
  for (const char* part : {"encoder", "projector", "language"}) info.parts.push_back({.name = part});
  if (info.has_weights) {
    const WeightFiles files(path);
    for (const WeightFiles::Item& item : files.items()) {
      std::string name = our_name(preset.keys, item.entry->name);
      if (name.empty()) name = "other";
      if (std::find(preset.ignore.begin(), preset.ignore.end(), name) != preset.ignore.end()) info.ignored.push_back(item.entry->name);
      count(info, name, item.entry->shape.count(), std::string(dtype_name(item.entry->dtype)), item.entry->end - item.entry->begin);
    }
  } else {
    ParamList params;
    model.params(params);
    const auto declare = [&](const std::string& name, const Shape& shape) {
      count(info, name, shape.count(), "F32", static_cast<uint64_t>(4 * shape.count()));
    };
    for (const Param* p : params) declare(p->name(), p->shape());
    for (const SpareTensor& tensor : model.spare_tensors()) {
      declare(tensor.name, tensor.shape);
      info.ignored.push_back(published_name(preset.keys, tensor.name));
    }
  }
  count_work(info, model);
  return info;
}

std::string info_text(const ModelInfo& info) {
  const Preset& preset = info.directory.preset;
  const VlmConfig& c = info.directory.config;
  std::string out = fmt::format("{}\nlicence: {}\n", preset.title, preset.licence);
  if (preset.demo) out += "demo: trained on synthetic phantoms only, meaningless for patients\n";
  out += fmt::format("\n{:<10} {:>8} {:>15} {:>15}  {}\n", "part", "tensors", "parameters", "bytes", info.has_weights ? "stored as" : "no weight files; as F32");
  const auto line = [&](const PartInfo& part) {
    uint64_t bytes = 0;
    std::string types;
    for (const auto& [type, size] : part.bytes) bytes += size, types += (types.empty() ? "" : ", ") + type;
    out += fmt::format("{:<10} {:>8} {:>15} {:>15}  {}\n", part.name, part.tensors, part.params, bytes, types);
  };
  for (const PartInfo& part : info.parts) line(part);
  line(info.total);
  for (const std::string& name : info.ignored) out += fmt::format("not used: {}\n", name);
  out += fmt::format("\nimage: {} x {} px, {} channel(s), {} tokens; {:.3g} GFLOP\n", c.encoder.image_px, c.encoder.image_px, c.encoder.channels,
                     c.encoder.features(), static_cast<double>(info.flops_image) / 1e9);
  out += fmt::format("text: vocabulary {}, context {} tokens; {:.3g} GFLOP and {} bytes of F32 cache a token\n", c.language.vocab,
                     c.language.context, static_cast<double>(info.flops_token) / 1e9, info.cache_bytes_token);
  out += fmt::format("\nprompt: {}{}[images][task]{}\nimages:\n", preset.prompt.bos, preset.prompt.before, preset.prompt.after);
  for (const auto& [which, text] : preset.prompt.images) out += fmt::format("  {}: {}\n", which, text);
  out += "\ntasks:\n";
  for (const PresetTask& task : preset.tasks)
    out += fmt::format("  {} ({}, at most {} tokens):{}\n", task.name, task.output, task.max_new_tokens, task.text);
  return out;
}

Json info_json(const ModelInfo& info) {
  const Preset& preset = info.directory.preset;
  const VlmConfig& c = info.directory.config;
  const auto part_json = [](const PartInfo& part) {
    return Json{{"name", part.name}, {"tensors", part.tensors}, {"parameters", part.params}, {"bytes", part.bytes}};
  };
  Json json = {{"name", preset.name}, {"title", preset.title}, {"licence", preset.licence}, {"demo", preset.demo},
               {"has_weights", info.has_weights}, {"parts", Json::array()}, {"total", part_json(info.total)}, {"not_used", info.ignored},
               {"image", {{"size_px", c.encoder.image_px}, {"channels", c.encoder.channels}, {"tokens", c.encoder.features()}, {"flops", info.flops_image}}},
               {"text", {{"vocabulary", c.language.vocab}, {"context", c.language.context}, {"flops_per_token", info.flops_token},
                         {"cache_bytes_per_token", info.cache_bytes_token}}},
               {"tasks", Json::array()}};
  for (const PartInfo& part : info.parts) json["parts"].push_back(part_json(part));
  for (const PresetTask& task : preset.tasks)
    json["tasks"].push_back({{"name", task.name}, {"output", task.output}, {"max_new_tokens", task.max_new_tokens}, {"prompt", task.text}});
  return json;
}

}  // namespace hilum
