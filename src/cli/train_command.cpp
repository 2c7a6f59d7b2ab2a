#include "cli/commands.h"
#include "cli/common.h"
#include "engine/torch_plugin.h"

namespace hilum {

int run_train(const OptionValues& options) {
  set_up_from(options);
  TrainRequest request;
  request.recipe = options.text("RECIPE");
  request.overrides = options.all("--set");
  request.resume = options.flag("--resume");
  request.start_from = options.maybe("--start-from").value_or("");
  request.output = options.maybe("-o").value_or("trained/" + request.recipe.stem().string());
  request.device = options.text("--device");
  request.dry_run = options.flag("--dry-run");
  return torch_plugin().train(request);
}

}  // namespace hilum
