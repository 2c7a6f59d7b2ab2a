// adapter_config.json of a LoRA adapter as PEFT writes it.
// Source: Hu et al. 2021 (LoRA), Kalajdzievski 2023 (rank-stabilised scale); keys and defaults of PEFT 0.20,
// LoraConfig.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "models/files/module_pattern.h"

namespace hilum {

// How to mend an adapter of another form.
inline constexpr const char* kLoraMend =
    "Known are plain LoRA adapters; merge this one into its model with PEFT (merge_and_unload) and use the merged "
    "model.";

struct LoraConfig {
  int rank = 8;                  // r
  double alpha = 8;              // lora_alpha
  bool rank_stabilised = false;  // use_rslora
  std::vector<std::pair<ModulePattern, int>>
      ranks;  // rank_pattern and alpha_pattern: modules with values of their own, the first that
  std::vector<std::pair<ModulePattern, double>> alphas;  // fits counts
  std::vector<std::string> modules;  // target_modules, for people: what an adapter changes is what its file holds
  std::string base;                  // base_model_name_or_path; empty where the file does not say

  int rank_of(const std::string& module)
      const;  // of a module's published name, "language_model.model.layers.0.self_attn.q_proj"
  double scale_of(const std::string& module) const;  // alpha / rank, or alpha / sqrt(rank)
};

// Throws Error naming the key for a form that is no plain LoRA (another peft_type, DoRA, trained biases, transposed
// weights, ...), for a key not known here that is set to something, and for values out of range.
LoraConfig lora_config_from_json(const Json& config, const std::string& where);

}  // namespace hilum
