// How the CheXpert-style rules read a report: cleaning, sentences, tokens (evaluation sheet 1.2, 1.6 points 1 and 2).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hilum::chexpert {

// Lower case, "and/or" and "a/b" to "or", a blank after every full stop and comma (so "1.8" becomes "1. 8", as in the
// published labeler), white space collapsed, bytes outside printable ASCII dropped.
std::string clean_report(std::string_view report);

// Sentences of a cleaned report; the views point into it.
std::vector<std::string_view> split_sentences(std::string_view cleaned);

struct Token {
  uint32_t begin = 0, end = 0;  // characters of the sentence
  uint64_t classes = 0;         // WordClass bits
  uint64_t roles = 0;           // WordRole bits
};

// Words ([a-z0-9]+ with inner ' or -) and single signs of a cleaned sentence; fills `tokens` (emptied first).
void tokenize(std::string_view sentence, std::vector<Token>& tokens);

}  // namespace hilum::chexpert
