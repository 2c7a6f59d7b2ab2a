// LoRA adapters in PEFT's form, merged into a model's weights as they are loaded: W' = W + scale B A.
// Source: Hu et al. 2021; files and keys of PEFT 0.20. r rank, A [r, in], B [out, r].
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "models/files/lora_config.h"
#include "models/files/preset.h"
#include "tensor/param.h"
#include "tensor/weight_file.h"

namespace hilum {

inline constexpr const char* kAdapterConfigFile = "adapter_config.json";

// A folder with an adapter_config.json and no weights but an adapter's.
bool is_adapter_folder(const std::filesystem::path& path);
// Throws Error telling how to name it when a folder given as a model is an adapter.
void check_is_no_adapter(const std::filesystem::path& model);

// Throws Error when an adapter is named for an embedding system.
void check_takes_no_adapter(const std::filesystem::path& embedding_system, const std::filesystem::path& adapter);

// One folder: adapter_config.json, adapter_model.safetensors (else adapter_model.bin), and the non_lora_trainables.bin
// that LLaVA's code writes beside them.
class LoraAdapter {
 public:
  // Throws Error naming what is missing, damaged, or of a form not known here.
  explicit LoraAdapter(const std::filesystem::path& folder);
  LoraAdapter(std::string where, LoraConfig config, std::vector<std::unique_ptr<WeightFile>> files);

  const std::string& where() const { return where_; }
  const LoraConfig& config() const { return config_; }
  const std::vector<std::unique_ptr<WeightFile>>& files() const { return files_; }

 private:
  std::string where_;
  LoraConfig config_;
  std::vector<std::unique_ptr<WeightFile>> files_;
};

// What an adapter is put into.
struct LoraTarget {
  const ParamList& params;
  const Preset& preset;  // its key rules give our names; what it ignores, an adapter may change without effect
  std::string where;     // names the model in messages
  std::string tied;      // a parameter with two uses (tied embeddings), which no adapter may change; or empty
};

// What an adapter does to a model.
struct LoraSummary {
  std::string where;
  LoraConfig config;
  std::vector<int> ranks;  // that occur, rising
  size_t merged = 0,
         replaced = 0;  // matrices with B A added; whole tensors put in place of the model's (modules_to_save)
  std::vector<std::string> unused;  // published names it changes and no forward uses
  int64_t values = 0;               // numbers in the file that count
};

// Holds an adapter against a model and, where the model's weights are loaded, merges it. Sums are F32 in the order of
// the rank, rounded once to the storage type of the weight. Only what changes is copied; everything else stays in its
// mapped file. Throws ONE Error naming (the first few, and how many): what fits no parameter, other shapes, other ranks
// than the config's, A without B or B without A, values that are no numbers; and the model that the adapter says it is
// for.
LoraSummary merge_lora(const LoraAdapter& adapter, const LoraTarget& target);

// weight [out, in] of F32, F16 or BF16 + scale (left [out, r] right [r, in], both F32), stored as weight. Throws Error
// naming `name` when a value is not finite.
Tensor add_product(const Tensor& weight, const Tensor& left, const Tensor& right, float scale, const std::string& name);

}  // namespace hilum
