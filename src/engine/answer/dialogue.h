// The prompt of a question within a dialogue about one study, by a preset's [chat].
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/prompt_tokens.h"

namespace hilum {

struct Turn {
  std::string question, answer;  // the answer as the model wrote it
};

// Earlier turns and inputs.question, beginning with the images and sections of `inputs`. A preset without [chat] was
// made for single questions: its prompt holds the last one alone. Without turns: prompt_text(), of any task.
std::vector<TextSegment> dialogue_text(
    const Preset& preset, const std::string& task, PromptInputs inputs, std::span<const Turn> turns);

}  // namespace hilum
