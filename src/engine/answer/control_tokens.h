// The tokens that say where a finding is: no text of an answer holds them.
#pragma once

#include <cstdint>
#include <vector>

#include "report/form/grounded_grammar.h"
#include "text/tokenizer.h"

namespace hilum {

// By id: whether it is a token of the grounded form ("<obj>", "<box>", "<x36>"), as far as the vocabulary has it whole.
std::vector<bool> control_tokens(const Tokenizer& tokenizer, const GroundedGrammar& grammar);

}  // namespace hilum
