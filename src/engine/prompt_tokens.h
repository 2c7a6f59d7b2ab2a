// A task's prompt as token ids: template and sections of the preset, each <image> expanded to the patches of one
// picture.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/files/preset.h"
#include "text/tokenizer.h"

namespace hilum {

struct PromptInputs {
  bool lateral = false, prior = false;  // pictures at hand besides the frontal
  std::optional<std::string> indication, technique, comparison, prior_report, phrase, question;
};

struct PromptTokens {
  std::vector<int32_t> ids;  // BOS first, images expanded
  std::vector<std::string>
      views;  // of the pictures in the order of their tokens: "frontal", "lateral", "prior_frontal"
  int image_tokens = 0;
};

// The preset's task of that name; throws Error naming those it has.
const PresetTask& task_of(const Preset& preset, const std::string& name);

// The task's prompt before it becomes ids; the beginning-of-text token of [prompt] bos stands before it. Throws Error
// as prompt_tokens does.
std::vector<TextSegment> prompt_text(const Preset& preset, const std::string& task, const PromptInputs& inputs);

// The pictures such a prompt shows, in order: "frontal", "lateral", "prior_frontal".
std::vector<std::string> prompt_views(const Preset& preset, const std::string& task, const PromptInputs& inputs);

// The ids of a prompt's text, each picture's place expanded to `features` copies of `image_token`.
std::vector<int32_t> prompt_ids(const Preset& preset, const std::vector<TextSegment>& text, const Tokenizer& tokenizer,
    int32_t image_token, int64_t features);

// `image_token` and `features` (patches handed over per picture) are the network's. Sections are literal: an <image>
// typed by a user is text. A missing or empty section is the preset's `empty_section`. Throws Error for a task the
// preset does not have, naming those it has.
PromptTokens prompt_tokens(const Preset& preset, const std::string& task, const PromptInputs& inputs,
    const Tokenizer& tokenizer, int32_t image_token, int64_t features);

}  // namespace hilum
