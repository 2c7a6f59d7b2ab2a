// What is done to the text before it is cut into words ("normalizer" in tokenizer.json).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/json.h"
#include "text/added_tokens.h"

namespace hilum {

class Normalizer {
 public:
  Normalizer() = default;
  // `spec`: null, Sequence, Prepend, Replace, Lowercase, Strip, StripAccents, BertNormalizer, NFC, NFD, NFKC, NFKD.
  // Throws Error naming any other type.
  Normalizer(const Json& spec, const std::string& where) { add(spec, where, 0); }

  bool empty() const { return steps_.empty(); }
  // Literal bytes stay literal. A step that may move bytes about (NFC, ...) makes all of a text literal that has any.
  void apply(MaskedText& text) const {
    for (const auto& step : steps_) step(text);
  }

 private:
  void add(const Json& spec, const std::string& where, int depth);
  std::vector<std::function<void(MaskedText&)>> steps_;
};

}  // namespace hilum
