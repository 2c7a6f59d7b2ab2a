// Holds a model's tokens to a form that is given in bytes.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "generation/generate.h"
#include "serve/wire/json_schema.h"
#include "text/tokenizer.h"

namespace hilum {

// The text of every token of a vocabulary as it stands inside an answer.
class TokenTexts {
 public:
  explicit TokenTexts(const Tokenizer& tokenizer);
  const std::string& operator[](int32_t id) const { return texts_[static_cast<size_t>(id)]; }
  int32_t size() const { return static_cast<int32_t>(texts_.size()); }

 private:
  std::vector<std::string> texts_;  // "" for special tokens, which are never written
};

// A constraint for generation: the answer is one JSON value that follows `schema`; it ends, or `stop_id` may end it,
// when it is complete.
Constraint constrain_to_json(
    std::shared_ptr<const JsonSchema> schema, std::shared_ptr<const TokenTexts> texts, int32_t stop_id);

}  // namespace hilum
