#include "report/readable_text.h"

#include <array>

#include "report/whitespace.h"

namespace hilum {

std::string readable_text(std::string_view answer, const GroundedGrammar& g) {
  const std::array<std::string_view, 4> tokens = {g.finding_open, g.finding_close, g.box_open, g.box_close};
  std::string text;
  bool in_box = false, sentence_due = false;
  for (size_t at = 0; at < answer.size();) {
    const std::string_view rest = answer.substr(at);
    const std::string_view* token = nullptr;
    for (const std::string_view& candidate : tokens) {
      if (rest.substr(0, candidate.size()) == candidate) token = &candidate;
      else if (candidate.substr(0, rest.size()) == rest) return text;  // it may become one
    }
    if (token) {
      at += token->size();
      in_box = token == &tokens[2] || (in_box && token != &tokens[3] && token != &tokens[1]);
      sentence_due |= token == &tokens[0];
      continue;
    }
    ++at;
    if (in_box || (text.empty() && trim(rest.substr(0, 1)).empty())) continue;
    if (sentence_due && !text.empty()) text += ' ';
    sentence_due = false;
    text += rest.front();
  }
  return text;
}

}  // namespace hilum
