// What libhilum_torch.so offers the program: operations, and training.
#include <fmt/core.h>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "engine/torch_plugin.h"
#include "train/adapter_recipe.h"
#include "train/adapter_train.h"
#include "train/export.h"

namespace hilum {
namespace {

int train_demo(const Recipe& recipe, const Preset& preset, const TrainRequest& request) {
  check(!request.resume || request.start_from.empty(), "--start-from",
      "does not go with --resume: a resumed run goes on with its own weights", "Give one of the two.");
  const fs::path tokenizer_path = request.output / "tokenizer.json";
  if (!request.resume) {
    check(!fs::exists(request.output / "checkpoint.safetensors"), request.output.c_str(), "holds a run already",
        "Go on with --resume, or give another -o.");
    if (request.start_from.empty()) log_info("learning the tokenizer");
    write_file(tokenizer_path, request.start_from.empty() ? train_demo_tokenizer(recipe, preset)
                                                          : read_file(request.start_from / "tokenizer.json"));
  }
  const std::string tokenizer_json = read_file(tokenizer_path);
  PhantomTask task(recipe, preset, tokenizer_json);
  task.start_from(request.start_from);
  int64_t parameters = 0;
  for (const Param* p : task.model_params()) parameters += p->shape().count();
  log_info(fmt::format("{} parameters, {} tokens", parameters, task.model().config().language.vocab));

  Trainer trainer(recipe, task, {.output = request.output, .resume = request.resume, .device = request.device});
  trainer.run();
  const FeatureStats stats = measure_features(recipe, task, trainer.state().next_sample, request.device);
  export_model(request.output / "model", recipe, preset, task, tokenizer_json, stats);
  write_file(request.output / "model" / "train.jsonl", read_file(request.output / "train.jsonl"));
  log_info("model written to " + (request.output / "model").string());
  return static_cast<int>(ExitCode::kDone);
}

class Plugin final : public TorchPlugin {
 public:
  std::unique_ptr<Ops> make_ops(const std::string& device, int threads, DType compute) override {
    return std::make_unique<TorchOps>(TorchOptions{.device = device, .threads = threads, .compute = compute});
  }
  int train(const TrainRequest& request) override {
    if (is_adapter_recipe(request.recipe)) return run_adapter_training(request);
    const Recipe recipe = read_recipe(request.recipe, request.overrides);
    for (const Preset& preset : presets())
      if (preset.name == recipe.run.preset) return train_demo(recipe, preset, request);
    throw Error(request.recipe.string() + ": run.preset", "\"" + recipe.run.preset + "\" is no preset", "");
  }
  const void* shared_static() override { return &log_config(); }
};

}  // namespace
}  // namespace hilum

extern "C" __attribute__((visibility("default"))) hilum::TorchPlugin* hilum_torch_plugin() {
  static hilum::Plugin plugin;
  return &plugin;
}
