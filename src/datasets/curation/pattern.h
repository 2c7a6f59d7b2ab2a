// Regular expressions as the curation rules write them: bytes, ASCII classes, case-insensitive, compiled once (PCRE2
// with its compiler).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hilum {

class Pattern {
 public:
  // ECMAScript's syntax as far as the rules use it; `(?-i:...)` turns case on. Throws Error(where, ...) for what does
  // not compile.
  Pattern(const std::string& pattern, const std::string& where);

  bool found_in(std::string_view text) const;
  // The first match's groups, the whole match first; empty: no match. A group that took no part is empty.
  std::vector<std::string> groups(std::string_view text) const;
  // Every match, left to right, replaced; "$1" stands for the first group.
  std::string replace_all(std::string_view text, std::string_view with) const;

 private:
  // Calls `each` with begin, end of the whole match and of group 1 (begin == end: none), until it returns false.
  void for_each(std::string_view text, const std::function<bool(const size_t* ranges, uint32_t count)>& each) const;

  std::shared_ptr<const void> code_;  // pcre2_code
  std::string where_;
};

}  // namespace hilum
