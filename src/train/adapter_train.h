// Training of adapters: linear and MLP heads by AdamW, regression in closed form, nearest neighbours by keeping the
// vectors.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "engine/embed/adapter.h"
#include "engine/torch_plugin.h"
#include "train/adapter_data.h"

namespace hilum {

struct AdapterRun {
  Adapter adapter;
  AdapterMetrics train, validate;
  int64_t epoch = 0;  // whose weights were kept, 1-based; 0: not trained in epochs
};

// `log`(one JSON object a line) is called after every epoch and at the end. The same data, recipe and thread count give
// the same adapter.
AdapterRun train_adapter(const AdapterRecipe& recipe, const AdapterData& data, const std::string& device,
    const std::function<void(const std::string&)>& log);

// The whole of `hilum train recipes/adapter-*.toml`: adapter.safetensors, recipe.toml, train.jsonl under
// request.output. Returns an exit code.
int run_adapter_training(const TrainRequest& request);

}  // namespace hilum
