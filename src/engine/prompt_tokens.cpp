#include "engine/prompt_tokens.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/error.h"
#include "base/nearest.h"
#include "text/prompt.h"

namespace hilum {

const PresetTask& task_of(const Preset& preset, const std::string& name) {
  if (const PresetTask* task = preset.task(name)) return *task;
  std::vector<std::string> names;
  for (const PresetTask& task : preset.tasks) names.push_back(task.name);
  const std::string near = nearest_name(name, names);
  throw Error("task", "\"" + name + "\" is not a task of " + preset.name + fmt::format(", which has {}", fmt::join(names, ", ")),
              near.empty() ? "`hilum info` lists a model's tasks and prompts." : "Did you mean " + near + "?");
}

PromptTokens prompt_tokens(const Preset& preset, const std::string& task_name, const PromptInputs& inputs, const Tokenizer& tokenizer,
                           int32_t image_token, int64_t features) {
  const PresetTask& task = task_of(preset, task_name);
  const bool alone = !task.images_only.empty();
  const bool lateral = inputs.lateral && !alone, prior = inputs.prior && !alone;
  PromptTemplate parts{.before = preset.prompt.before, .images = task.images_text, .task = task.text, .after = preset.prompt.after,
                       .empty_section = preset.prompt.empty_section};
  if (!alone) {
    const auto images = preset.prompt.images.find(image_case(lateral, prior));
    if (images == preset.prompt.images.end())
      throw Error("images", preset.name + " takes no such combination of images (" + image_case(lateral, prior) + ")", "Leave the lateral or the prior out.");
    parts.images = images->second;
  }
  const PromptValues values{{"indication", inputs.indication}, {"technique", inputs.technique}, {"comparison", inputs.comparison},
                            {"prior_report", inputs.prior_report}, {"phrase", inputs.phrase}, {"question", inputs.question}};
  PromptTokens prompt;
  for (const std::string& view : preset.preprocess.order)
    if (view == "frontal" || (view == "lateral" && lateral) || (view == "prior_frontal" && prior)) prompt.views.push_back(view);

  size_t pictures = 0;
  for (const int32_t id : encode_prompt(tokenizer, build_prompt(parts, values), preset.prompt.bos)) {
    const bool picture = id == image_token;
    prompt.ids.insert(prompt.ids.end(), static_cast<size_t>(picture ? features : 1), id);
    pictures += picture ? 1 : 0;
  }
  invariant(pictures == prompt.views.size(), "as many <image> in the preset's template as pictures");
  prompt.image_tokens = static_cast<int>(static_cast<int64_t>(pictures) * features);
  return prompt;
}

}  // namespace hilum
