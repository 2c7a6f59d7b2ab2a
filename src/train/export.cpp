#include "train/export.h"

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/json.h"
#include "base/progress.h"
#include "models/files/checkpoint.h"
#include "models/vlm_config.h"
#include "tensor/safetensors.h"
#include "train/feature_stats.h"
#include "train/objectives/pixels.h"
#include "train/threads/loader.h"

namespace hilum {
namespace {

// In the form of MAIRA-2's file, so that the same reader serves both.
Json preprocessor_json(const PreprocessConfig& c) {
  return {{"image_processor_type", "BitImageProcessor"}, {"do_resize", true}, {"size", {{"shortest_edge", c.resize}}},
      {"do_center_crop", true}, {"crop_size", {{"height", c.crop_height}, {"width", c.crop_width}}}, {"resample", 3},
      {"do_rescale", true}, {"rescale_factor", c.rescale_factor}, {"do_normalize", true}, {"image_mean", c.mean},
      {"image_std", c.std}, {"do_convert_rgb", true}};
}

void write_json(const fs::path& path, const Json& json) { write_file(path, json.dump(2) + "\n"); }

}  // namespace

FeatureStats measure_features(
    const PhantomRecipe& recipe, PhantomTask& task, uint64_t first, const std::string& device) {
  // One thread an image: each loader thread renders and encodes. The leaves are made first, after which the backend is
  // only read.
  TorchOps ops({.device = device, .threads = 1});
  for (const Param* p : task.model_params()) ops.leaf(*p);
  const int64_t total = recipe.feature_stats.studies + recipe.feature_stats.held_out;
  const auto width = static_cast<size_t>(task.model().config().vision.vit.width);
  const auto pooled_features = [&](uint64_t index) {
    const TrainSample sample = task.frontal(index);
    const Tensor features = ops.to_host(
        task.model().encode_images(ops, stack_pixels(task.model().config().vision.vit, {&sample, 1})));  // [1, P, D]
    return mean_pooled(features.values(), width);
  };
  Loader<std::vector<float>> loader(pooled_features, first, recipe.core.run.workers, recipe.core.run.prefetch);
  Progress bar("feature statistics", total, "studies");
  std::vector<std::vector<float>> pooled;
  while (static_cast<int64_t>(pooled.size()) < total) {
    pooled.push_back(loader.next());
    bar.update(static_cast<int64_t>(pooled.size()));
  }
  const auto split = pooled.begin() + recipe.feature_stats.studies;
  FeatureStats stats = fit_feature_stats({pooled.begin(), split});
  std::vector<double> distances;
  for (auto held_out = split; held_out != pooled.end(); ++held_out)
    distances.push_back(feature_distance(stats, *held_out));
  stats.threshold = static_cast<float>(percentile_of(std::move(distances), recipe.feature_stats.percentile));
  return stats;
}

void export_model(const fs::path& folder, const PhantomRecipe& recipe, const Preset& preset, PhantomTask& task,
    const std::string& tokenizer_json, const FeatureStats& stats) {
  const DType storage = recipe.export_type == "f16"    ? DType::kF16
                        : recipe.export_type == "bf16" ? DType::kBF16
                                                       : DType::kF32;
  Json config = vlm_config_to_json(task.model().config(), preset);
  config["eos_token_id"] = task.stop_token();
  save_checkpoint(folder, task.model_params(), preset.keys, storage);
  write_json(folder / "config.json", config);
  write_json(folder / "generation_config.json", {{"do_sample", false}, {"eos_token_id", task.stop_token()}});
  write_json(folder / "preprocessor_config.json", preprocessor_json(task.preprocessing()));
  write_file(folder / "tokenizer.json", tokenizer_json);
  write_file(folder / "hilum.toml", "preset = \"" + preset.name + "\"\n");
  write_file(folder / "recipe.toml", recipe.core.text);
  const auto d = static_cast<int64_t>(stats.mean.size());
  const float threshold[] = {stats.threshold};
  const NamedTensor tensors[] = {{"mean", Tensor::host({d}, stats.mean)},
      {"whiten", Tensor::host({d, d}, stats.whiten)}, {"threshold", Tensor::host({1}, threshold)}};
  write_safetensors(folder / "feature_stats.safetensors", tensors);
}

}  // namespace hilum
