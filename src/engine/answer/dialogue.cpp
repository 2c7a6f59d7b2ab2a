#include "engine/answer/dialogue.h"

#include "text/prompt.h"

namespace hilum {

std::vector<TextSegment> dialogue_text(
    const Preset& preset, const std::string& task, PromptInputs inputs, std::span<const Turn> turns) {
  if (preset.chat.question.empty() || turns.empty()) return prompt_text(preset, task, inputs);
  const std::string last = inputs.question.value_or("");
  inputs.question = turns.front().question;
  std::vector<TextSegment> segments = prompt_text(preset, task, inputs);
  for (size_t i = 0; i < turns.size(); ++i)
    for (const TextSegment& part : fill_template(preset.chat.answer + preset.chat.question,
             {{"answer", turns[i].answer}, {"question", i + 1 < turns.size() ? turns[i + 1].question : last}}, ""))
      segments.push_back(part);
  return segments;
}

}  // namespace hilum
