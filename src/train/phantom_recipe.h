// The recipe of a model that is trained on phantoms (recipes/demo.toml): the core, the model's sizes, and what of the
// phantoms each stage sees.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "train/recipe.h"

namespace hilum {

// What a stage minimises: "findings", image and patch labels on the encoder; "tokens", the next token on the whole
// model.
enum class StageObjective { kFindings, kTokens };

struct PhantomStage {
  StageObjective objective = StageObjective::kFindings;
  double crowded = 0;                       // share of the studies that hold more findings than usual (phantom/knobs.h)
  double lateral_rate = 0, prior_rate = 0;  // "tokens" alone: share of the studies with these films
  double balanced_changes = 0;  // "tokens" alone: share of the studies with a prior in which a finding has grown,
                                // shrunk or stayed, each as often
  double hidden_on_frontal =
      0;  // "tokens" alone: share of the studies with a lateral in which one finding is to be seen on that film alone
  double findings_weight = 0;  // "tokens" alone: the findings loss of a study beside the token loss, in tokens; 0: none
  std::vector<std::string>
      weighted_words;  // "tokens" alone, in lower case: their tokens count `word_weight` times. It tilts the
                       // model towards writing them; a last stage without weights sets it right
  double word_weight = 1;
  double encoder_factor = 1;  // the encoder's share of the rate, where no parameter group says another
};

struct PhantomRecipe {
  Recipe core;
  std::string preset;
  std::string export_type;  // "f16", "bf16" or "f32"
  struct Data {
    uint64_t phantom_seed = 0;
    std::vector<int> phantom_px;                                  // sizes of the films, one drawn for each study
    double grounded = 0, findings = 0, phrase = 0, dialogue = 0;  // task weights
    double indication_rate = 0;                                   // share of prompts that keep the indication
  } data;
  struct Tokens {
    int64_t vocabulary = 0;  // with special tokens
    int64_t studies = 0;     // phantoms whose text the byte-pair merges are learnt from
  } tokenizer;
  struct Vision {
    int image_px = 0, patch_px = 0, width = 0, depth = 0, heads = 0, mlp_ratio = 0;
    double layer_scale = 0, norm_eps = 0;
  } vision;
  struct Projector {
    int layers = 0;
    int merge = 1;  // patches along each side that make one token of the language model
  } projector;
  struct Language {
    int width = 0, depth = 0, heads = 0, kv_heads = 0, mlp_width = 0, max_positions = 0;
    double rope_theta = 0, norm_eps = 0;
  } language;
  struct FeatureStats {
    int64_t studies = 0, held_out = 0;
    double percentile = 0;
  } feature_stats;
  std::vector<PhantomStage> stages;  // beside those of the core
};

// Reads a recipe; `overrides` are "key=value" with dotted keys ("stage.encoder.steps=10"), values as TOML writes them.
// Throws Error naming file and key: not TOML, wrong type, out of range, missing, or unknown (then naming the nearest
// key).
PhantomRecipe read_phantom_recipe(const std::filesystem::path& path, const std::vector<std::string>& overrides = {});

}  // namespace hilum
