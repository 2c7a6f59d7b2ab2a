// The recipe of an adapter: a small model on frozen embeddings (engine/embed/adapter.h). recipes/adapter-*.toml, every
// value written out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "train/recipe.h"

namespace hilum {

struct AdapterRecipe {
  Recipe core;  // one stage where the head is trained in steps, else none
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
};

// Whether a recipe says [run] kind = "adapter". Throws Error when it cannot be read.
bool is_adapter_recipe(const std::filesystem::path& path);
// Throws Error naming file and key.
AdapterRecipe read_adapter_recipe(const std::filesystem::path& path, const std::vector<std::string>& overrides = {});

}  // namespace hilum
