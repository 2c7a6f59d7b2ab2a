// What a preset says of an embedding system (towers, projections, similarity) and of preprocessing. Sizes are data too:
// a config of the tower's kind stands in [image.config] and [text.config], and a config.json or hilum.toml beside the
// weights overrides it key by key.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"

namespace hilum {

// A part of a network whose sizes are data.
struct PresetPart {
  std::string kind;
  std::string config = "{}";  // JSON text, in the words of the kind's published config
  std::string
      config_part;  // the part of config.json that overrides it: "vision_config", "." for all of it, "" for none
};
// The preset's sizes, overridden key by key by the part of config.json that it names (null: there is no config.json).
// Throws Error(where, ...) where that part is no object.
Json part_config(const PresetPart& part, const Json& config, const std::string& where);

struct PresetTower : PresetPart {  // kind: of towers.cpp
  std::string pooling;             // tokens -> one vector, a word of the kind: "mean", "class", "end"
  std::string
      projection;  // pooled -> embedding: "none", "linear" (weight [E, D]), "matrix" ([D, E]), "mlp" (no biases)
  std::vector<int64_t> hidden;  // widths inside an "mlp", GELU between
};

struct EmbeddingPreset {
  int64_t width = 0;      // E
  bool normalize = true;  // embeddings are divided by their length
  PresetTower image;
  std::optional<PresetTower> text;  // none: images alone
  struct {
    std::string folder;  // where its files lie in the published package, "" beside the config
    int64_t length = 0;  // tokens a text keeps, begin and end included
    std::string clean;   // what is done to a text before: "none" (or empty), "open_clip" (text/clean_text.h)
  } tokenizer;
  struct {
    std::string scale;                // "exp": exp(logit_scale), the file's scalar; "none": the cosine itself
    std::optional<double> scale_max;  // the scalar is first cut to 0 .. this (MedCLIP)
    bool bias = false;                // the file holds a scalar logit_bias, added
  } similarity;
};

// What the checkpoint's own file says of resampling, mean and std holds before this; side and channels of the picture
// are the encoder's.
struct PresetPreprocess {
  std::vector<std::string> steps, order;  // steps in order (image/preprocess.h); order of images by view
  std::string resample;
  std::string alpha;                          // "resized" with the picture, or "ignored"; "": ignored
  std::string crop_offset;                    // "down" or "half_even"; "": down
  bool rescale_float32 = false;               // `rescale = "float32"`
  std::vector<double> mean, std;              // one or three values, or empty
  int64_t standard_px = 0, jpeg_quality = 0;  // of the step that brings pictures to one size and JPEG quality first
  std::map<std::string, std::vector<std::string>>
      modes;  // other ways to prepare, by name: the steps instead of `steps`
};

class TomlFields;
PresetPart read_preset_part(TomlFields& part);  // kind, config, config_part; what else the part has is the caller's
EmbeddingPreset read_embedding_preset(TomlFields& preset);    // [embedding], [image], [text], [tokenizer], [similarity]
PresetPreprocess read_preset_preprocess(TomlFields& preset);  // [preprocess]

}  // namespace hilum
