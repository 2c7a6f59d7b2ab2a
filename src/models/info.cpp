#include "models/info.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
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
    if (type != "I64") sum->params += params;  // index buffers are no parameters
    sum->bytes[type] += bytes;
  }
}

// Work by ops/check: the language model's from a prompt of 1,000 tokens, so that attention has its usual share.
void count_work(ModelInfo& info, const Vlm& model) {
  const VlmConfig& c = model.config();
  info.image_px = model.encoder().image_px();
  info.channels = model.encoder().channels();
  info.image_tokens = model.image_tokens();
  const auto picture = Tensor(Shape{1, info.channels, info.image_px, info.image_px}, DType::kF32, nullptr);
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

void count_work(ModelInfo& info, const DualEncoder& model) {
  const EmbeddingInfo& e = *info.embedding;
  CheckOps image;
  model.embed_image(image, Tensor(Shape{1, e.channels, e.image_px, e.image_px}, DType::kF32, nullptr));
  info.flops_image = image.counts().flops;
  if (!model.has_text()) return;
  const std::vector<std::vector<int32_t>> longest = {std::vector<int32_t>(static_cast<size_t>(e.length), 0)};
  CheckOps text;
  model.embed_text(text, TextBatch::of(longest));
  info.flops_token = text.counts().flops / e.length;
}

EmbeddingInfo embedding_info(const DualEncoder& model) {
  EmbeddingInfo e{.width = model.width(),
      .image_px = model.image().image_px(),
      .channels = model.image().channels(),
      .image = model.image().summary()};
  if (model.has_text()) {
    e.text = model.text().summary();
    e.vocab = model.text().vocab();
    e.length = model.preset().tokenizer.length;
  }
  return e;
}

// What the weight files hold, by our names; without files, what the model declares.
void count_tensors(ModelInfo& info, const std::filesystem::path& path, const ParamList& params,
    const std::vector<UnusedTensor>& spare) {
  const Preset& preset = info.preset;
  info.total.name = "total";
  info.has_weights =
      preset.files.empty() ? holds_weight_files(path) : fs::is_directory(path) && !weight_sets(path).empty();
  if (info.has_weights) {
    std::set<std::string> wanted;
    for (const Param* p : params) wanted.insert(p->name());
    const WeightFiles files(path, preset.files);
    for (const WeightFiles::Item& item : files.items()) {
      std::string name = our_name(preset.keys, item.name);
      if (name.empty()) name = "other";
      if (!wanted.contains(name) && is_ignored(preset.ignore, name)) info.ignored.push_back(item.name);
      count(info, name, item.entry->shape.count(), std::string(dtype_name(item.entry->dtype)),
          item.entry->end - item.entry->begin);
    }
    return;
  }
  for (const Param* p : params)
    count(info, p->name(), p->shape().count(), "F32", static_cast<uint64_t>(4 * p->shape().count()));
  for (const UnusedTensor& tensor : spare) {
    const uint64_t bytes =
        static_cast<uint64_t>(tensor.shape.count()) * static_cast<uint64_t>(dtype_bits(tensor.dtype)) / 8;
    count(info, tensor.name, tensor.shape.count(), std::string(dtype_name(tensor.dtype)), bytes);
    info.ignored.push_back(published_name(preset.keys, tensor.name));
  }
}

ModelInfo vlm_info(const std::filesystem::path& path, const std::filesystem::path& adapter) {
  const VlmDirectory directory = read_vlm_directory(path);
  ModelInfo info{.preset = directory.preset, .vlm = directory.config};
  info.parts.push_back({.name = "encoder"});
  if (directory.config.vision.queries) info.parts.push_back({.name = "queries"});
  for (const char* part : {"projector", "language"}) info.parts.push_back({.name = part});
  Vlm model(directory.config);
  ParamList params;
  model.params(params);
  count_tensors(info, path, params, model.unused_tensors());
  count_work(info, model);
  if (!adapter.empty()) info.adapter = merge_adapter(adapter, directory, params);
  return info;
}

ModelInfo embedding_system_info(const std::filesystem::path& path) {
  DualEncoderDirectory directory = read_dual_encoder_directory(path);
  ModelInfo info{.preset = std::move(directory.preset), .embedding = embedding_info(*directory.model)};
  ParamList params;
  directory.model->params(params);
  count_tensors(info, path, params, directory.model->unused_tensors());
  count_work(info, *directory.model);
  return info;
}

std::string text_of(const EmbeddingInfo& e, const ModelInfo& info) {
  std::string out = fmt::format("\nimage: {} x {} px, {} channel(s) -> {} values; {:.3g} GFLOP\n  {}\n", e.image_px,
      e.image_px, e.channels, e.width, static_cast<double>(info.flops_image) / 1e9, e.image);
  if (e.text.empty()) return out + "text: none; images alone\n";
  return out + fmt::format("text: vocabulary {}, at most {} tokens -> {} values; {:.3g} GFLOP a token\n  {}\n", e.vocab,
                   e.length, e.width, static_cast<double>(info.flops_token) / 1e9, e.text);
}

std::string text_of(const LoraSummary& a) {
  const LoraConfig& c = a.config;
  const std::string ranks = fmt::format("{}", fmt::join(a.ranks, ", "));
  std::string out = fmt::format("\nadapter: {}\n  made for {}\n  LoRA, rank {}, alpha {:g}{}{}\n  modules: {}\n",
      a.where, c.base.empty() ? "(it does not say)" : c.base, ranks.empty() ? std::to_string(c.rank) : ranks, c.alpha,
      c.alphas.empty() ? "" : " (some modules have their own)",
      c.rank_stabilised ? ", scaled by alpha / sqrt(rank)" : "",
      c.modules.empty() ? "(it does not say)" : fmt::format("{}", fmt::join(c.modules, ", ")));
  out += fmt::format("  changes {} weights, replaces {}; {} values\n", a.merged, a.replaced, a.values);
  for (const std::string& name : a.unused) out += fmt::format("  not used: {}\n", name);
  return out;
}

std::string text_of(const VlmConfig& c, const ModelInfo& info) {
  const Preset& preset = info.preset;
  std::string out = fmt::format("\nimage: {} x {} px, {} channel(s), {} tokens; {:.3g} GFLOP\n", info.image_px,
      info.image_px, info.channels, info.image_tokens, static_cast<double>(info.flops_image) / 1e9);
  out += fmt::format("text: vocabulary {}, context {} tokens; {:.3g} GFLOP and {} bytes of F32 cache a token\n",
      c.language.vocab, c.language.context, static_cast<double>(info.flops_token) / 1e9, info.cache_bytes_token);
  out += fmt::format(
      "\nprompt: {}{}[images][task]{}\nimages:\n", preset.prompt.bos, preset.prompt.before, preset.prompt.after);
  for (const auto& [which, text] : preset.prompt.images) out += fmt::format("  {}: {}\n", which, text);
  out += "\ntasks:\n";
  for (const PresetTask& task : preset.tasks)
    out += fmt::format("  {} ({}, at most {} tokens):{}{}{}\n", task.name, answer_form_name(task.form),
        task.max_new_tokens, task.before ? *task.before + "[images]" : "", task.text, task.after.value_or(""));
  return out;
}

}  // namespace

ModelInfo model_info(const std::filesystem::path& path, const std::filesystem::path& adapter) {
  if (!preset_of_files(path).embedding) return vlm_info(path, adapter);
  check_takes_no_adapter(path, adapter);
  return embedding_system_info(path);
}

std::string info_text(const ModelInfo& info) {
  const Preset& preset = info.preset;
  std::string out = fmt::format("{}\nlicence: {}\n", preset.title, preset.licence);
  if (preset.demo) out += "demo: trained on synthetic phantoms only, meaningless for patients\n";
  out += fmt::format("\n{:<16} {:>8} {:>15} {:>15}  {}\n", "part", "tensors", "parameters", "bytes",
      info.has_weights ? "stored as" : "no weight files; as F32");
  const auto line = [&](const PartInfo& part) {
    uint64_t bytes = 0;
    std::string types;
    for (const auto& [type, size] : part.bytes) {
      bytes += size;
      types += (types.empty() ? "" : ", ") + type;
    }
    out += fmt::format("{:<16} {:>8} {:>15} {:>15}  {}\n", part.name, part.tensors, part.params, bytes, types);
  };
  for (const PartInfo& part : info.parts) line(part);
  line(info.total);
  for (const std::string& name : info.ignored) out += fmt::format("not used: {}\n", name);
  if (info.adapter) out += text_of(*info.adapter);
  return out + (info.vlm ? text_of(*info.vlm, info) : text_of(*info.embedding, info));
}

Json info_json(const ModelInfo& info) {
  const Preset& preset = info.preset;
  const auto part_json = [](const PartInfo& part) {
    return Json{{"name", part.name}, {"tensors", part.tensors}, {"parameters", part.params}, {"bytes", part.bytes}};
  };
  Json json = {{"name", preset.name}, {"title", preset.title}, {"licence", preset.licence}, {"demo", preset.demo},
      {"has_weights", info.has_weights}, {"parts", Json::array()}, {"total", part_json(info.total)},
      {"not_used", info.ignored}};
  for (const PartInfo& part : info.parts) json["parts"].push_back(part_json(part));
  if (const auto& e = info.embedding) {
    json["image"] = {
        {"size_px", e->image_px}, {"channels", e->channels}, {"tower", e->image}, {"flops", info.flops_image}};
    if (!e->text.empty())
      json["text"] = {
          {"vocabulary", e->vocab}, {"length", e->length}, {"tower", e->text}, {"flops_per_token", info.flops_token}};
    json["embedding_width"] = e->width;
    return json;
  }
  const VlmConfig& c = *info.vlm;
  if (const auto& a = info.adapter)
    json["adapter"] = {{"path", a->where}, {"base_model", a->config.base}, {"rank", a->config.rank},
        {"alpha", a->config.alpha}, {"ranks", a->ranks}, {"modules", a->config.modules}, {"merged", a->merged},
        {"replaced", a->replaced}, {"values", a->values}, {"not_used", a->unused}};
  json["image"] = {{"size_px", info.image_px}, {"channels", info.channels}, {"tokens", info.image_tokens},
      {"flops", info.flops_image}};
  json["text"] = {{"vocabulary", c.language.vocab}, {"context", c.language.context},
      {"flops_per_token", info.flops_token}, {"cache_bytes_per_token", info.cache_bytes_token}};
  json["tasks"] = Json::array();
  for (const PresetTask& task : preset.tasks)
    json["tasks"].push_back({{"name", task.name}, {"output", answer_form_name(task.form)},
        {"max_new_tokens", task.max_new_tokens}, {"prompt", task.text}});
  return json;
}

}  // namespace hilum
