// Zero-shot classification: one vector a label, made once by the text tower, then only images are embedded.
// Source: Radford et al. 2021, section 3.1; MedImageInsight sheet 5.1. K labels, E embedding width.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/embed/embedder.h"

namespace hilum {

using LabelScoresRow = std::vector<std::pair<std::string, double>>;  // label -> 0..1, in the labels' order

struct LabelHead {
  std::vector<std::string> labels;
  std::vector<std::string> templates, negatives;  // as given, with {}
  std::string model, weights_sha256;              // sha empty: made for now, not to be kept
  double scale = 1, bias = 0;                     // logit = scale · cosine + bias
  std::vector<float> positive;                    // [K, E], of length 1
  std::vector<float> negative;                    // [K, E], or empty

  int64_t width() const { return labels.empty() ? 0 : static_cast<int64_t>(positive.size() / labels.size()); }
  // embedding [E], of any length. Without negatives the labels compete: softmax over them. With negatives each label
  // competes with its own alone: softmax over the pair.
  LabelScoresRow scores(std::span<const float> embedding) const;
};

// Embeds each prompt once (a label's templates are averaged and brought to length 1). A template holds "{}" once, or is
// the label alone ("{}"). Throws Error for no labels, a label twice, a template without {}.
LabelHead build_label_head(Embedder& embedder, const std::vector<std::string>& labels,
    const std::vector<std::string>& templates, const std::vector<std::string>& negatives);

// "A,B,C", or the lines of "@FILE"; blanks around a label do not count.
std::vector<std::string> parse_labels(const std::string& argument);

// One safetensors file with everything above. Reading throws Error naming the file for what does not fit together.
void save_label_head(const std::filesystem::path& path, const LabelHead& head);
LabelHead load_label_head(const std::filesystem::path& path);
// Throws Error when the head was made with another model than the one that embeds now.
void check_label_head(const LabelHead& head, const Embedder& embedder, const std::string& where);

}  // namespace hilum
