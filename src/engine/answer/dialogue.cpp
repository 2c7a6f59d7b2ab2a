#include "engine/answer/dialogue.h"

#include "text/prompt.h"

namespace hilum {

std::vector<TextSegment> dialogue_text(const Preset& preset, const std::string& task, PromptInputs inputs,
    std::span<const Turn> turns, const std::string& question) {
  const bool history = !preset.chat.question.empty() && !turns.empty();
  inputs.question = history ? turns.front().question : question;
  std::vector<TextSegment> segments = prompt_text(preset, task, inputs);
  for (size_t i = 0; history && i < turns.size(); ++i)
    for (const TextSegment& part : fill_template(preset.chat.answer + preset.chat.question,
             {{"answer", turns[i].answer}, {"question", i + 1 < turns.size() ? turns[i + 1].question : question}}, ""))
      segments.push_back(part);
  return segments;
}

}  // namespace hilum
