// A tiny demo model with random weights in a folder of its own: what it writes is noise, but the whole walk runs.
#pragma once

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/json.h"
#include "base/temp_folder_for_test.h"
#include "engine/model.h"
#include "engine/random_weights.h"
#include "models/files/checkpoint.h"
#include "models/vlm_config.h"
#include "tensor/safetensors.h"
#include "text/bpe_trainer.h"

namespace hilum {

inline const Preset& demo_preset() { return preset_named("hilum-demo"); }

inline std::string tiny_tokenizer(const Preset& preset) {
  BpeTrainerConfig config{.vocab_size = 700};
  config.tokens = {
      {preset.prompt.bos, true}, {preset.stop_token, true}, {"<pad>", true}, {preset.prompt.image_token, true}};
  for (const std::string& token :
      {preset.grammar.finding_open, preset.grammar.finding_close, preset.grammar.box_open, preset.grammar.box_close})
    config.tokens.push_back({token, false});
  for (const char* axis : {"x", "y"})
    for (int bin = 0; bin < preset.grammar.bins; ++bin)
      config.tokens.push_back({std::string("<") + axis + std::to_string(bin) + ">", false});
  return train_byte_bpe(
      {"There is a small left pleural effusion. The heart size is normal. The lungs are clear. INDICATION: Cough."},
      config);
}

// `far`: every image counts as unlike the training data, or none does.
inline fs::path write_tiny_demo(const fs::path& folder, bool far) {
  const Preset& preset = demo_preset();
  const std::string tokenizer_json = tiny_tokenizer(preset);
  const Tokenizer tokenizer = parse_tokenizer(tokenizer_json, "tokenizer.json");
  VlmConfig config;
  config.vision.vit = {.image_px = 56,
      .patch_px = 14,
      .channels = 1,
      .width = 32,
      .depth = 2,
      .num_heads = 2,
      .mlp_width = 64,
      .feature_layer = 2,
      .has_mask_token = false};
  config.projector = {.in = 32, .out = 32, .num_layers = 2};
  config.language = {.vocab = tokenizer.vocab_size(),
      .width = 32,
      .depth = 2,
      .mlp_width = 64,
      .num_heads = 2,
      .num_kv_heads = 2,
      .head_dim = 16,
      .rope_factor = 1,
      .context = 512};
  config.image_token = *tokenizer.id(preset.prompt.image_token);
  Vlm model(config);
  ParamList params;
  model.params(params);
  fill_random(params, 3, DType::kF16);
  save_checkpoint(folder, params, preset.keys, DType::kF16);
  write_file(folder / "config.json", vlm_config_to_json(config, preset).dump(2));
  write_file(folder / "tokenizer.json", tokenizer_json);
  write_file(folder / "preprocessor_config.json",
      R"({"size":{"shortest_edge":56},"crop_size":{"height":56,"width":56},"resample":3,"rescale_factor":0.00392156862745098,)"
      R"("image_mean":[0.5,0.5,0.5],"image_std":[0.25,0.25,0.25]})");
  const std::vector<float> mean(32, 0.0f), whiten(32 * 32, far ? 1e9f : 0.0f), threshold{1.0f};
  const std::vector<NamedTensor> stats{{"mean", Tensor::host({32}, std::span<const float>(mean))},
      {"whiten", Tensor::host({32, 32}, std::span<const float>(whiten))},
      {"threshold", Tensor::host({1}, std::span<const float>(threshold))}};
  write_safetensors(folder / kFeatureStatsFile, stats);
  return folder;
}

}  // namespace hilum
