// The report as Hilum holds it: findings with boxes, free text, and everything the JSON form carries (DESIGN section
// 6).
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "image/image.h"
#include "report/form/finish.h"

namespace hilum {

inline constexpr const char* kNotice = "Research use only. Not a medical device.";
inline constexpr const char* kDemoWarning = "synthetic-trained demo, meaningless for patients";

struct Finding {
  std::string text;
  // Boxes in 0..1 of the original frontal image. No value: the sentence has none (null, not []).
  std::optional<std::vector<BoxNorm>> boxes;
  double token_probability = 0;  // exp of the mean log-probability of the sentence's tokens; 0: not known
};

struct Report {
  std::string study_id;
  std::string model_name, weights_sha256, version;
  bool demo = false;
  bool far_from_phantoms = false;  // the demo model saw something unlike its training data
  std::string task = "grounded";
  uint64_t seed = 0;
  std::string sampling;  // "greedy", or the settings used
  std::vector<Finding> findings;
  std::optional<std::string> report;  // plain text, for tasks that give it
  std::optional<std::map<std::string, int>>
      labels;  // of tasks that give labels: 1, 0, -1 by CheXpert's names; not mentioned: absent
  Finish finish = Finish::kStop;
  int image_width = 0, image_height = 0;
  std::string view = "frontal";
  std::array<int, 4> used{};  // x0, y0, x1, y1 px of the original that the model saw
  std::vector<std::string> steps, warnings;
  int prompt_tokens = 0, image_tokens = 0, completion_tokens = 0;
  double load_ms = 0;  // of the model, once
  double decode_ms = 0, image_ms = 0, prefill_ms = 0, generate_ms = 0;
};

}  // namespace hilum
