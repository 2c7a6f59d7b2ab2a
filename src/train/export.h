// A trained demo model as a model directory in the published layout.
#pragma once

#include <filesystem>
#include <string>

#include "engine/feature_distance.h"
#include "train/phantom_task.h"

namespace hilum {

// Mean-pools the encoder's features over phantoms (indices from `first` on, never trained on when it lies past the
// run's samples), fits the statistics and sets the threshold on held-out ones. Reads the Params' present values.
FeatureStats measure_features(
    const PhantomRecipe& recipe, PhantomTask& task, uint64_t first, const std::string& device);

// Writes config.json, generation_config.json, model.safetensors, tokenizer.json, preprocessor_config.json, hilum.toml,
// feature_stats.safetensors and recipe.toml.
void export_model(const std::filesystem::path& folder, const PhantomRecipe& recipe, const Preset& preset,
    PhantomTask& task, const std::string& tokenizer_json, const FeatureStats& stats);

}  // namespace hilum
