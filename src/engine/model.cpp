#include "engine/model.h"

#include <algorithm>
#include <thread>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/stopwatch.h"
#include "engine/preprocessor_config.h"
#include "engine/torch_plugin.h"
#include "kernels/select.h"
#include "models/vlm_config.h"
#include "ops/cpu/cpu_ops.h"
#include "tensor/safetensors_index.h"
#include "text/tokenizer_folder.h"

namespace hilum {

std::string weights_sha256_of(const fs::path& path, std::span<const FilePart> parts) {
  std::vector<fs::path> files;
  const WeightFiles weights(path, parts);
  for (const auto& file : weights.files()) files.push_back(file->path());
  std::sort(files.begin(), files.end());
  if (files.size() == 1) return sha256_file(files[0]);
  std::string lines;
  for (const fs::path& file : files) lines += file.filename().string() + " " + sha256_file(file) + "\n";
  return sha256_hex(lines);
}

std::string weights_sha256_of(const fs::path& path, const fs::path& adapter, std::span<const FilePart> parts) {
  std::string model = weights_sha256_of(path, parts);
  if (adapter.empty()) return model;
  const LoraAdapter files(adapter);
  std::string lines = model + "\n" + kAdapterConfigFile + " " + sha256_file(adapter / kAdapterConfigFile) + "\n";
  for (const auto& file : files.files())
    lines += file->path().filename().string() + " " + sha256_file(file->path()) + "\n";
  return sha256_hex(lines);
}

int backend_threads(int asked) {
  return asked > 0 ? asked : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

std::unique_ptr<Ops> make_backend(const BackendConfig& config) {
  const int threads = backend_threads(config.threads);
  if (config.torch || config.device != "cpu") return torch_plugin().make_ops(config.device, threads, config.compute);
  return make_cpu_ops({.table = &select_kernel_table(), .threads = threads});
}

std::unique_ptr<Model> Model::load(const fs::path& path, const BackendConfig& backend, const fs::path& adapter) {
  const Stopwatch watch;
  std::unique_ptr<Model> model(new Model());
  LoadedVlm loaded = load_vlm(path, adapter);
  if (const auto& a = loaded.adapter)
    log_info("adapter " + a->where + (a->config.base.empty() ? "" : " (made for " + a->config.base + ")") + ": " +
             std::to_string(a->merged) + " weights changed, " + std::to_string(a->replaced) + " replaced");
  const fs::path& folder = loaded.directory.folder;
  model->path_ = path;
  model->adapter_ = adapter;
  model->folder_ = folder;
  model->preset_ = loaded.directory.preset;
  model->network_ = std::move(loaded.model);
  model->weight_bytes_ = loaded.report.bytes;
  model->tokenizer_ = load_tokenizer_folder(
      folder, {.sentencepiece = model->preset_.tokenizer.sentencepiece, .legacy = model->preset_.tokenizer.legacy});
  const VisionEncoder& encoder = model->network_->encoder();
  model->preprocessing_ = read_preprocess_config(folder, model->preset_, encoder.image_px(), encoder.channels());
  const int vocabulary = model->network_->config().language.vocab;
  check_fits(*model->tokenizer_, vocabulary, folder.string());
  if (!model->preset_.prompt.image_apart) {
    const int32_t image_token = model->token_id(model->preset_.prompt.image_token);
    if (image_token != model->network_->config().image_token)
      throw Error(folder.string(),
          "\"" + model->preset_.prompt.image_token + "\" has id " + std::to_string(image_token) +
              ", config.json says " + std::to_string(model->network_->config().image_token),
          "Use the tokenizer that came with this checkpoint.");
  }
  model->stop_ids_ = {model->token_id(model->preset_.stop_token)};
  for (const int32_t id : loaded.directory.stop_ids)
    if (std::ranges::find(model->stop_ids_, id) == model->stop_ids_.end()) model->stop_ids_.push_back(id);
  if (fs::exists(folder / kFeatureStatsFile)) model->feature_stats_ = load_feature_stats(folder / kFeatureStatsFile);
  if (model->preset_.demo && !model->feature_stats_)
    throw Error((folder / kFeatureStatsFile).string(), "is missing",
        "A demo model must be able to tell what is unlike its phantoms; train it to the end.");
  const auto width = static_cast<size_t>(encoder.width());
  if (model->feature_stats_ && model->feature_stats_->mean.size() != width)
    throw Error((folder / kFeatureStatsFile).string(),
        "is for features of width " + std::to_string(model->feature_stats_->mean.size()) + ", the encoder gives " +
            std::to_string(width),
        "Use the file that came with this model.");
  model->ops_ = make_backend(backend);
  model->load_ms_ = watch.ms();
  return model;
}

std::vector<const Param*> Model::encoder_params() const {
  ParamList list;
  network_->encoder_params(list);
  return {list.begin(), list.end()};
}

int32_t Model::token_id(const std::string& token) const {
  if (const auto id = tokenizer_->id(token)) return *id;
  throw Error(folder_.string(), "its tokenizer has no token \"" + token + "\", which " + preset_.name + " needs",
      "Use the tokenizer that came with this checkpoint.");
}

std::string Model::weights_sha256() const {
  std::call_once(sha256_read_, [&] { sha256_ = weights_sha256_of(path_, adapter_, preset_.files); });
  return sha256_;
}

}  // namespace hilum
