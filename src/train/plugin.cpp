// What libhilum_torch.so offers the program: operations, and training.
#include <fmt/core.h>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "engine/torch_plugin.h"
#include "train/adapter_recipe.h"
#include "train/adapter_train.h"
#include "train/phantom_task.h"
#include "train/trainer.h"

namespace hilum {
namespace {

// On phantoms: the tokenizer is learnt first, or that of the model which the run starts from.
int train_on_phantoms(const TrainRequest& request) {
  const PhantomRecipe recipe = read_phantom_recipe(request.recipe, request.overrides);
  const Preset* preset = nullptr;
  for (const Preset& known : presets())
    if (known.name == recipe.preset) preset = &known;
  if (!preset) throw Error(request.recipe.string() + ": run.preset", "\"" + recipe.preset + "\" is no preset", "");
  check(!request.resume || request.start_from.empty(), "--start-from",
      "does not go with --resume: a resumed run goes on with its own weights", "Give one of the two.");
  const fs::path tokenizer_path = request.output / "tokenizer.json";
  std::string tokenizer;
  if (request.resume) {
    tokenizer = read_file(tokenizer_path);
  } else {
    check(!fs::exists(request.output / "checkpoint.safetensors"), request.output.c_str(), "holds a run already",
        "Go on with --resume, or give another -o.");
    if (request.start_from.empty()) log_info("learning the tokenizer");
    tokenizer = request.start_from.empty() ? train_demo_tokenizer(recipe, *preset)
                                           : read_file(request.start_from / "tokenizer.json");
    if (!request.dry_run) write_file(tokenizer_path, tokenizer);
  }
  PhantomTask task(recipe, *preset, tokenizer);
  task.start_from(request.start_from);
  int64_t parameters = 0;
  for (const Param* p : task.model_params()) parameters += p->shape().count();
  log_info(fmt::format("{} parameters, {} tokens", parameters, task.model().config().language.vocab));

  const TrainOptions options{.output = request.output, .resume = request.resume, .device = request.device};
  Trainer trainer(recipe.core, task, options);
  if (request.dry_run) {
    trainer.dry_run();
    return static_cast<int>(ExitCode::kDone);
  }
  trainer.run();
  task.write_result(options, trainer.state());
  return static_cast<int>(ExitCode::kDone);
}

class Plugin final : public TorchPlugin {
 public:
  std::unique_ptr<Ops> make_ops(const std::string& device, int threads, DType compute) override {
    return std::make_unique<TorchOps>(TorchOptions{.device = device, .threads = threads, .compute = compute});
  }
  int train(const TrainRequest& request) override {
    return is_adapter_recipe(request.recipe) ? run_adapter_training(request) : train_on_phantoms(request);
  }
  const void* shared_static() override { return &log_config(); }
};

}  // namespace
}  // namespace hilum

extern "C" __attribute__((visibility("default"))) hilum::TorchPlugin* hilum_torch_plugin() {
  static hilum::Plugin plugin;
  return &plugin;
}
