// Sentences of a report.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hilum {

// White space (NBSP too) to single blanks, none around.
std::string single_spaced(std::string_view text);

// Ends a sentence at . ! ? at the end of the text, or before a blank and one of A-Z 0-9 _ ( "; not behind an
// abbreviation (Dr, vs, e.g, ...). `text` is single-spaced. With `end_marks` each sentence keeps its own, and joined by
// blanks they give the text again.
std::vector<std::string> split_sentences(std::string_view text, bool end_marks);

// Words: runs without blanks that hold a letter or digit of ASCII (so "___" and "-" are none).
int count_words(std::string_view text);

}  // namespace hilum
