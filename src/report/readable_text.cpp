#include "report/readable_text.h"

#include <array>

#include "report/whitespace.h"

namespace hilum {

std::string ReadableStream::push(std::string_view piece) {
  held_ += piece;
  const GroundedGrammar& g = grammar_;
  const std::array<std::string_view, 4> tokens = {g.finding_open, g.finding_close, g.box_open, g.box_close};
  const std::string_view answer = held_;
  std::string text;
  size_t at = 0;
  while (at < answer.size()) {
    const std::string_view rest = answer.substr(at);
    const std::string_view* token = nullptr;
    bool unfinished = false;
    for (const std::string_view& candidate : tokens) {
      if (rest.substr(0, candidate.size()) == candidate) token = &candidate;
      else if (candidate.substr(0, rest.size()) == rest) unfinished = true;
    }
    if (unfinished) break;
    if (token) {
      at += token->size();
      in_box_ = token == &tokens[2] || (in_box_ && token != &tokens[3] && token != &tokens[1]);
      sentence_due_ |= token == &tokens[0];
      continue;
    }
    ++at;
    if (in_box_ || (!any_ && trim(rest.substr(0, 1)).empty())) continue;
    if (sentence_due_ && any_) text += ' ';
    sentence_due_ = false;
    any_ = true;
    text += rest.front();
  }
  held_.erase(0, at);
  return text;
}

std::string readable_text(std::string_view answer, const GroundedGrammar& grammar) {
  return ReadableStream(grammar).push(answer);
}

}  // namespace hilum
