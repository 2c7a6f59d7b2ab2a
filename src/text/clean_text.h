// What a system's own code does to a text before its tokenizer sees it, by the word of a preset ([tokenizer] clean).
#pragma once

#include <string>
#include <string_view>

namespace hilum {

enum class TextCleaning {
  kNone,      // "none": the tokenizer takes the text as it came
  kOpenClip,  // "open_clip": its HFTokenizer's default; fix_text, HTML's references resolved twice, each run of white
              // space one blank, none at the ends
};

// Throws Error for another word; "" is none.
TextCleaning text_cleaning_from_name(std::string_view name);

std::string clean_text(std::string_view text, TextCleaning cleaning);

}  // namespace hilum
