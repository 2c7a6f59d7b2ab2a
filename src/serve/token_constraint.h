// Holds a model's tokens to a form that is given in bytes.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "generation/generate.h"
#include "report/form/grounded_grammar.h"
#include "serve/wire/json_schema.h"
#include "text/tokenizer.h"

namespace hilum {

// The text of every token of a vocabulary as it stands inside an answer.
class TokenTexts {
 public:
  TokenTexts(const Tokenizer& tokenizer, const GroundedGrammar& grammar);
  const std::string& operator[](int32_t id) const { return texts_[static_cast<size_t>(id)]; }
  int32_t size() const { return static_cast<int32_t>(texts_.size()); }

 private:
  std::vector<std::string> texts_;  // "" for special and control tokens, which are never written
};

// A constraint for generation: the answer is one JSON value that follows `schema`; it ends, or `stop_id` may end it,
// when it is complete. Where the model would end inside a string that may end, the string ends.
Constraint constrain_to_json(
    std::shared_ptr<const JsonSchema> schema, std::shared_ptr<const TokenTexts> texts, int32_t stop_id);

// The answer is one text of the form, a blank before it aside.
Constraint constrain_to_text(
    std::shared_ptr<const TextForm> form, std::shared_ptr<const TokenTexts> texts, int32_t stop_id);

}  // namespace hilum
