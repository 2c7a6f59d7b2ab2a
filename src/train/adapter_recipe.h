// The recipe of an adapter: a small model on frozen embeddings (engine/embed/adapter.h). recipes/adapter-*.toml, every
// value written out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace hilum {

struct AdapterRecipe {
  struct Run {
    std::string name;
    uint64_t seed = 0;
    int threads = 0;
  } run;
  struct Data {
    std::string embeddings;  // .npy of `hilum embed MANIFEST --format npy`: row i is the manifest's line i
    std::string manifest;
    std::string labels;              // "chexpert", "classes" (one of them holds), "tags" (any number holds), "targets"
    std::vector<std::string> names;  // which of them; empty: all that occur
    std::string uncertain, absent;   // of "chexpert": "negative", "positive", "drop"
    std::string train_split, validate_split;
    double validate_share = 0;  // of the training patients, where no study has validate_split
  } data;
  struct Head {
    std::string kind;         // "linear", "mlp", "knn", "regression"
    std::vector<int> hidden;  // "mlp": widths between
    int neighbours = 0;       // "knn"
    std::string weighting;    // "knn": "uniform", "distance"
    double ridge = 0;         // "regression": penalty on the squared weights, per study
  } adapter;
  struct Optimizer {  // "linear", "mlp"
    int epochs = 0, batch = 0;
    double learning_rate = 0, weight_decay = 0, beta1 = 0, beta2 = 0, eps = 0;
    std::string select;  // "best": least loss on the validation studies; or "last" epoch
  } optimizer;
  std::string text;  // the effective recipe
};

// Whether a recipe says [run] kind = "adapter". Throws Error when it cannot be read.
bool is_adapter_recipe(const std::filesystem::path& path);
// Throws Error naming file and key.
AdapterRecipe read_adapter_recipe(const std::filesystem::path& path, const std::vector<std::string>& overrides = {});

}  // namespace hilum
