#include "train/adapter_train.h"

#include <fmt/core.h>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "train/trainer.h"

namespace hilum {

AdapterRun train_adapter(const AdapterRecipe& recipe, const AdapterData& data, const TrainOptions& options) {
  AdapterRun run;
  AdapterTask task(recipe, data, run);
  Trainer trainer(recipe.core, task, options);
  trainer.run();
  task.write_result(options, trainer.state());
  return run;
}

int run_adapter_training(const TrainRequest& request) {
  const AdapterRecipe recipe = read_adapter_recipe(request.recipe, request.overrides);
  check(request.start_from.empty(), "--start-from", "an adapter is trained on embeddings, from nothing",
      "Start it again without --start-from.");
  const fs::path file = request.output / kAdapterFile;
  check(!fs::exists(file), request.output.c_str(), "holds an adapter already", "Give another -o.");
  const AdapterData data = read_adapter_data(recipe);
  if (data.weights_sha256.empty())
    log_warning(
        recipe.data.embeddings + ".json is not there: the adapter will not know which model's embeddings it is for");
  if (request.dry_run) {
    AdapterRun none;
    AdapterTask task(recipe, data, none);
    Trainer(recipe.core, task, {.output = request.output, .resume = request.resume, .device = request.device})
        .dry_run();
    log_info(fmt::format(
        "{} studies to train on, {} to validate on, {} left out", data.train.count, data.validate.count, data.dropped));
    return static_cast<int>(ExitCode::kDone);
  }
  const AdapterRun run =
      train_adapter(recipe, data, {.output = request.output, .resume = request.resume, .device = request.device});
  const AdapterMetrics& m = run.validate;
  log_info(
      data.output == Adapter::Output::kValue
          ? fmt::format("{} validation studies: mean absolute error {:.3f} (always the median: {:.3f})",
                data.validate.count, m.mean_error, m.median_error)
          : fmt::format("{} validation studies: AUROC {:.3f}, accuracy {:.3f} (always the most common answer: {:.3f})",
                data.validate.count, m.auroc, m.accuracy, m.majority));
  if (const std::string why = kept_by(recipe, data); !why.empty())
    log_info(fmt::format("weights of epoch {} of {} kept: {}", run.epoch, recipe.core.stages[0].epochs, why));
  log_info("adapter written to " + file.string());
  return static_cast<int>(ExitCode::kDone);
}

}  // namespace hilum
