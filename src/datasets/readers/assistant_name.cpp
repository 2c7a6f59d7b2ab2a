#include "datasets/readers/assistant_name.h"

#include <array>
#include <optional>

#include "base/ascii.h"

namespace hilum {
namespace {

bool in_word(char c) { return is_ascii_alnum(c) || c == '_'; }

// Where the name that begins at `at` ends.
std::optional<size_t> name_end(std::string_view text, size_t at) {
  const auto word = [&](size_t from, std::string_view expected) {
    return lower_ascii(text.substr(from, expected.size())) == expected;
  };
  if ((at > 0 && in_word(text[at - 1])) || !word(at, "chat")) return std::nullopt;
  size_t end = at + 4;
  if (end < text.size() && (text[end] == ' ' || text[end] == '-')) ++end;
  if (!word(end, "doctor")) return std::nullopt;
  end += 6;
  if (end < text.size() && in_word(text[end])) return std::nullopt;
  return end;
}

// Takes a word and the blank before it off the end of a text.
bool drop_last_word(std::string& text, std::string_view word) {
  const size_t length = word.size() + 1;
  if (text.size() < length || lower_ascii(std::string_view(text).substr(text.size() - word.size())) != word ||
      text[text.size() - length] != ' ')
    return false;
  text.resize(text.size() - length);
  return true;
}

void drop_preposition(std::string& text) {
  static constexpr std::array<std::string_view, 10> kWords = {
      "to", "on", "at", "from", "by", "in", "with", "of", "for", "via"};
  for (const std::string_view word : kWords)
    if (drop_last_word(text, word)) return;
}

}  // namespace

std::string without_chatdoctor(std::string_view text, int& found) {
  found = 0;
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const auto end = name_end(text, at);
    if (!end) {
      out += text[at++];
      continue;
    }
    ++found;
    at = *end;
    if (!out.empty() && out.back() == ' ') {
      out.pop_back();
      drop_last_word(out, "the");
      drop_preposition(out);
      if (at < text.size() && (in_word(text[at]) || text[at] == '(' || text[at] == '"')) out += ' ';
    } else if (out.empty() || out.back() == '\n') {
      while (at < text.size() && (text[at] == ' ' || text[at] == ',' || text[at] == '.')) ++at;
    }
    if (!out.empty() && out.back() == ',' && at < text.size() && text[at] == '.') out.pop_back();
  }
  return out;
}

}  // namespace hilum
