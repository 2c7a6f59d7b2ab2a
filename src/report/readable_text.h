// What people may read of a grounded answer while it is being written.
#pragma once

#include <string>
#include <string_view>

#include "report/form/grounded_grammar.h"

namespace hilum {

// The sentences of an unfinished answer, a blank between them, without boxes. What may still become a token of the
// grammar is held back, so that nothing that was given is ever taken back. An answer without grounding tokens is its
// own text.
class ReadableStream {
 public:
  explicit ReadableStream(GroundedGrammar grammar = {}) : grammar_(std::move(grammar)) {}
  std::string push(std::string_view piece);  // what may be read now

 private:
  GroundedGrammar grammar_;
  std::string held_;  // it may become a token
  bool in_box_ = false, sentence_due_ = false, any_ = false;
};

// Of a whole answer: the text of one piece.
std::string readable_text(std::string_view answer, const GroundedGrammar& grammar = {});

}  // namespace hilum
