// `hilum train recipes/adapter-*.toml`.
#pragma once

#include "engine/torch_plugin.h"
#include "train/adapter_task.h"

namespace hilum {

// Trains and writes adapter.safetensors, recipe.toml, train.jsonl and, where it takes steps, the checkpoint under
// options.output. The same data, recipe and thread count give the same adapter.
AdapterRun train_adapter(const AdapterRecipe& recipe, const AdapterData& data, const TrainOptions& options);

// The whole command. Returns an exit code.
int run_adapter_training(const TrainRequest& request);

}  // namespace hilum
