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
  throw Error("task",
      "\"" + name + "\" is not a task of " + preset.name + fmt::format(", which has {}", fmt::join(names, ", ")),
      near.empty() ? "`hilum info` lists a model's tasks and prompts." : "Did you mean " + near + "?");
}

std::vector<TextSegment> prompt_text(const Preset& preset, const std::string& task_name, const PromptInputs& inputs) {
  const PresetTask& task = task_of(preset, task_name);
  const bool alone = !task.images_only.empty();
  PromptTemplate parts{.before = task.before.value_or(preset.prompt.before),
      .images = task.images_text,
      .task = task.text,
      .after = task.after.value_or(preset.prompt.after),
      .empty_section = preset.prompt.empty_section};
  if (!alone) {
    const auto images = preset.prompt.images.find(image_case(inputs.lateral, inputs.prior));
    if (images == preset.prompt.images.end())
      throw Error("images",
          preset.name + " takes no such combination of images (" + image_case(inputs.lateral, inputs.prior) + ")",
          "Leave the lateral or the prior out.");
    parts.images = images->second;
  }
  return build_prompt(
      parts, {{"indication", inputs.indication}, {"technique", inputs.technique}, {"comparison", inputs.comparison},
                 {"prior_report", inputs.prior_report}, {"phrase", inputs.phrase}, {"question", inputs.question}});
}

std::vector<int32_t> prompt_ids(const Preset& preset, const std::vector<TextSegment>& text, const Tokenizer& tokenizer,
    int32_t image_token, int64_t features) {
  std::vector<int32_t> ids;
  if (preset.prompt.image_apart) {  // each piece by itself, the first behind the beginning
    const auto pieces = split_at_marker(text, preset.prompt.image_token);
    ids = encode_prompt(tokenizer, pieces[0], preset.prompt.bos);
    for (size_t i = 1; i < pieces.size(); ++i) {
      ids.push_back(image_token);
      const std::vector<int32_t> more = encode_prompt(tokenizer, pieces[i], "");
      ids.insert(ids.end(), more.begin(), more.end());
    }
  } else {
    ids = encode_prompt(tokenizer, text, preset.prompt.bos);
  }
  std::vector<int32_t> expanded;
  for (const int32_t id : ids)
    expanded.insert(expanded.end(), static_cast<size_t>(id == image_token ? features : 1), id);
  return expanded;
}

std::vector<std::string> prompt_views(const Preset& preset, const std::string& task, const PromptInputs& inputs) {
  const bool alone = !task_of(preset, task).images_only.empty();
  std::vector<std::string> views;
  for (const std::string& view : preset.preprocess.order)
    if (view == "frontal" || (view == "lateral" && inputs.lateral && !alone) ||
        (view == "prior_frontal" && inputs.prior && !alone))
      views.push_back(view);
  return views;
}

PromptTokens prompt_tokens(const Preset& preset, const std::string& task, const PromptInputs& inputs,
    const Tokenizer& tokenizer, int32_t image_token, int64_t features) {
  PromptTokens prompt{.ids = prompt_ids(preset, prompt_text(preset, task, inputs), tokenizer, image_token, features),
      .views = prompt_views(preset, task, inputs)};
  prompt.image_tokens = static_cast<int>(std::count(prompt.ids.begin(), prompt.ids.end(), image_token));
  invariant(prompt.image_tokens == static_cast<int64_t>(prompt.views.size()) * features,
      "as many <image> in the preset's template as pictures");
  return prompt;
}

}  // namespace hilum
