// A small classifier or regressor on frozen embeddings (MedImageInsight sheet 5.2, 5.3): trained by `hilum train
// recipes/adapter-*.toml`, kept in one safetensors file with its labels. E embedding width, K labels, n stored vectors.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "engine/embed/embedder.h"
#include "engine/embed/label_head.h"

namespace hilum {

inline constexpr const char* kAdapterFile = "adapter.safetensors";

struct Adapter {
  enum class Kind { kLinear, kMlp, kKnn };
  // What a score is: each label's own probability; probabilities of labels that exclude each other; a value in the
  // target's unit.
  enum class Output { kIndependent, kExclusive, kValue };

  struct Layer {
    Tensor weight, bias;  // host F32 [out, in], [out]
  };

  Kind kind = Kind::kLinear;
  Output output = Output::kIndependent;
  std::vector<std::string> labels;    // K; for kValue the targets' names
  std::string model, weights_sha256;  // whose embeddings it was trained on; sha empty: not known

  std::vector<float> mean, scale;  // [E] each: x becomes (x - mean) / scale first
  std::vector<Layer> layers;       // one for kLinear; exact GELU between those of kMlp

  std::vector<float> vectors, targets;  // kKnn: [n, E] of length 1, [n, K]; not a number where a label is not known
  int neighbours = 0;
  bool weighted = false;  // a neighbour counts as 1 / its Euclidean distance, else all alike

  int64_t width() const;  // E
  // embedding [E] as the model gives it -> a score a label. Labels no neighbour knows are not a number.
  LabelScoresRow scores(std::span<const float> embedding) const;
};

// Throws Error naming the file for what does not fit together. `path` is the file or its folder.
Adapter load_adapter(const std::filesystem::path& path);
void save_adapter(const std::filesystem::path& path, const Adapter& adapter);
// Throws Error when the adapter was trained on another model's embeddings.
void check_adapter(const Adapter& adapter, const Embedder& model, const std::string& where);

}  // namespace hilum
