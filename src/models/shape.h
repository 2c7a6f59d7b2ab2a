// A published shape as data, for benches and random weights: a preset and the sizes that its config.json would give.
// shapes/*.toml.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "models/files/preset.h"

namespace hilum {

struct ModelShape {
  std::string name;
  Preset preset;
  std::string config;           // config.json, with the keys that tell the preset; empty for an embedding system
  std::string preprocessor;     // preprocessor_config.json; empty: the preset says it all
  bool language_alone = false;  // the language model is what is timed, the system around it is for writing it
  int64_t pieces = 0;           // of a tokenizer: pieces of words
  std::vector<std::string>
      added;  // and tokens behind them, ids from `pieces` on; those that the preset names are among them
};

// `name`: a shape's, or a preset's whose sizes are all its own; or a TOML file of the form of shapes/*.toml (it ends in
// ".toml"). Throws Error naming the known ones.
ModelShape shape_named(const std::string& name);
std::vector<std::string> shape_names();

// One shape from TOML; the preset must be a known one. Throws Error(where, ...) naming unknown keys, sizes that are
// missing, a tokenizer that does not fit the vocabulary.
ModelShape parse_shape(std::string_view toml, const std::string& name, const std::string& where);

struct VlmConfig;
VlmConfig shape_config(const ModelShape& shape);  // of a vision-language model's shape

}  // namespace hilum
