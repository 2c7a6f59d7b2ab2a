#include "eval/graphs/radgraph_words.h"

#include "base/replace_all.h"
#include "text/unicode.h"

namespace hilum {
namespace {

std::vector<std::string> split_at_blanks(std::string_view text) {
  std::vector<std::string> words(1);
  while (!text.empty()) {
    const CodePoint c = decode_utf8(text);
    if (c.valid && is_unicode_space(c.value)) {
      if (!words.back().empty()) words.emplace_back();
    } else {
      words.back() += text.substr(0, static_cast<size_t>(c.length));
    }
    text.remove_prefix(static_cast<size_t>(c.length));
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

std::string spaced_v1(std::string_view report) {
  std::string out;
  for (const char c : report) {
    const bool apart = std::string_view("/,:.!?()").find(c) != std::string_view::npos;
    if (apart) out += ' ';
    out += c;
    if (apart) out += ' ';
  }
  return out;
}

std::string spaced_xl(std::string text) {
  for (const auto& [from, to] :
      {std::pair{"\\n", "  "}, {"\\f", "  "}, {"\\u2122", "      "}, {"\n", " "}, {"\\\"", "``"}})
    replace_all(text, from, to);
  std::string out;
  enum class Run { kNone, kWord, kOther } run = Run::kNone;
  for (std::string_view rest = text; !rest.empty();) {
    const CodePoint c = decode_utf8(rest);
    const Run next = c.valid && is_unicode_space(c.value)    ? Run::kNone
                     : c.valid && is_word_character(c.value) ? Run::kWord
                                                             : Run::kOther;
    if (next != run && !out.empty() && out.back() != ' ') out += ' ';
    if (next != Run::kNone) out += rest.substr(0, static_cast<size_t>(c.length));
    run = next;
    rest.remove_prefix(static_cast<size_t>(c.length));
  }
  for (const auto& [from, to] : {std::pair{").", ") ."}, {"%.", "% ."}, {".'", ". '"}, {"%,", "% ,"}, {"%)", "% )"}})
    replace_all(out, from, to);
  return out;
}

}  // namespace

std::vector<std::string> radgraph_words(std::string_view report, RadGraphWords form) {
  std::vector<std::string> words =
      split_at_blanks(form == RadGraphWords::kV1 ? spaced_v1(report) : spaced_xl(std::string(report)));
  if (words.empty()) return {"None"};
  for (std::string& word : words)
    if (word == "/." || word == "/?") word.erase(0, 1);
  return words;
}

}  // namespace hilum
