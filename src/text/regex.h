// Regular expressions as tokenizer files write them, by PCRE2 in its Unicode mode.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hilum {

// Half-open byte range of a text.
struct TextRange {
  size_t begin = 0, end = 0;
  bool operator==(const TextRange&) const = default;
};

class Regex {
 public:
  // Throws Error(where, ...) for a pattern that does not compile. \s and \S mean the property White_Space, as in the
  // tokenizers library.
  Regex(const std::string& pattern, const std::string& where);

  // All matches that are not empty, left to right, not overlapping. `text` is valid UTF-8.
  // Throws Error when the pattern needs too many steps on this text (a pattern made to be slow).
  std::vector<TextRange> find_all(std::string_view text) const;

 private:
  std::shared_ptr<const void> code_;  // pcre2_code, read-only once compiled
  std::string where_;
};

// `text` quoted so that it stands for itself in a pattern.
std::string regex_escape(std::string_view text);

}  // namespace hilum
