// Which of a sample's texts a step is trained on: drawn anew each step, as a pure function of the key.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/draw_key.h"

namespace hilum {

// The key of a study at a step: the same wherever the study stands in the step.
DrawKey study_key(uint64_t seed, uint64_t step, std::string_view study_id);

// Findings or impression, each as likely; where one is empty (blanks alone), the other. Both empty: empty. The result
// is one of the arguments (MedImageInsight's card: "findings or impression, random per step").
std::string_view draw_report_text(std::string_view findings, std::string_view impression, const DrawKey& key);

// One of several, each as likely: captions of a tuning table. Empty texts are never drawn; none: empty.
std::string_view draw_caption(std::span<const std::string> captions, const DrawKey& key);

// One of the tags (or class names), then one of the templates, with the tag for every "{}" in it. No template: the tag
// itself. No tag: empty.
std::string draw_tag_text(
    std::span<const std::string> tags, std::span<const std::string> templates, const DrawKey& key);

}  // namespace hilum
