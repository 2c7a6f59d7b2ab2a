// What a language model's endpoint answers, as JSON from outside. Errors quote nothing of it: an answer is report text.
#pragma once

#include <string_view>

#include "data/study.h"
#include "datasets/curation/rewrite.h"

namespace hilum {

// The body of an answer of POST /chat/completions: the first choice's text without blanks around it, and the model.
// Throws Error for what is no such JSON, no choices, an empty text, and a text that was cut off or withheld
// (finish_reason other than "stop" or none).
RewriteAnswer read_completion(std::string_view body);

// The questions and answers of a text that holds one JSON list of {"question", "answer"}, whatever stands around the
// list. Throws Error for anything else, an empty list, an empty text, and more than 100 questions.
Dialogue read_dialogue(std::string_view text);

}  // namespace hilum
