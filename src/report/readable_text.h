// What people may read of a grounded answer while it is being written.
#pragma once

#include <string>
#include <string_view>

#include "report/form/grounded_grammar.h"

namespace hilum {

// The sentences of an unfinished answer, a blank between them, without boxes. What may still become a token of the
// grammar is held back, so that the text of a longer answer begins with that of a shorter one. An answer without
// grounding tokens is its own text.
std::string readable_text(std::string_view answer, const GroundedGrammar& grammar = {});

}  // namespace hilum
