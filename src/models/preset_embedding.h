// What a preset says of an embedding system (towers, projections, similarity) and of preprocessing. Sizes are data too: a config of the tower's
// kind stands in [image.config] and [text.config], and a config.json or hilum.toml beside the weights overrides it key by key.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hilum {

struct PresetTower {
  std::string kind;                         // of towers.cpp
  std::string pooling;                      // tokens -> one vector, a word of the kind: "mean", "class", "end"
  std::string projection;                   // pooled -> embedding: "none", "linear" (weight [E, D]), "matrix" ([D, E]), "mlp" (no biases)
  std::vector<int64_t> hidden;              // widths inside an "mlp", GELU between
  std::string config = "{}";                // JSON text
  std::string config_part;                  // the part of config.json that overrides it: "vision_config", "." for all of it, "" for none
};

struct EmbeddingPreset {
  int64_t width = 0;                        // E
  bool normalize = true;                    // embeddings are divided by their length
  PresetTower image;
  std::optional<PresetTower> text;          // none: images alone
  struct {
    std::string kind;                       // "clip_bpe", "wordpiece", "tokenizer_json"
    bool lower_case = false;                // of wordpiece
    std::string folder;                     // where its files lie in the published package, "" beside the weights
    int64_t length = 0;                     // tokens a text keeps, begin and end included
  } tokenizer;
  struct {
    std::string scale;                      // "exp": exp(logit_scale), the file's scalar; "none": the cosine itself
    std::optional<double> scale_max;        // the scalar is first cut to 0 .. this (MedCLIP)
    bool bias = false;                      // the file holds a scalar logit_bias, added
  } similarity;
};

// Values not given here come from the checkpoint's preprocessor_config.json.
struct PresetPreprocess {
  std::vector<std::string> steps, order;    // steps in order; order of images by view
  std::string resample;
  int64_t size = 0;                         // px, side of the square picture; 0: not given
  int64_t channels = 0;                     // 0: those of the tower
  std::vector<double> mean, std;            // one a channel, or empty
  int64_t standard_px = 0, jpeg_quality = 0;  // of the step that brings pictures to one size and JPEG quality first
  std::map<std::string, std::vector<std::string>> modes;  // other ways to prepare, by name: the steps instead of `steps`
};

class PresetFields;
EmbeddingPreset read_embedding_preset(PresetFields& preset);       // [embedding], [image], [text], [tokenizer], [similarity]
PresetPreprocess read_preset_preprocess(PresetFields& preset);     // [preprocess]

}  // namespace hilum
