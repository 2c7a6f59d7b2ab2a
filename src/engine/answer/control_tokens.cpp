#include "engine/answer/control_tokens.h"

#include <string>

namespace hilum {

std::vector<bool> control_tokens(const Tokenizer& tokenizer, const GroundedGrammar& grammar) {
  std::vector<bool> is_control(static_cast<size_t>(tokenizer.vocab_size()));
  const auto add = [&](const std::string& token) {
    if (const auto id = tokenizer.id(token)) is_control[static_cast<size_t>(*id)] = true;
  };
  for (const std::string* token :
      {&grammar.finding_open, &grammar.finding_close, &grammar.box_open, &grammar.box_close})
    add(*token);
  for (const std::string* axis : {&grammar.x_open, &grammar.y_open})
    for (int bin = 0; bin < grammar.bins; ++bin) add(*axis + std::to_string(bin) + grammar.coordinate_close);
  return is_control;
}

}  // namespace hilum
