// For the tests of this folder: fixtures of testdata/text.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "text/tokenizer.h"

namespace hilum::test {

using AnyJson = nlohmann::json;

inline AnyJson text_fixture(const std::string& name) {
  return AnyJson::parse(read_file(std::string(HILUM_TESTDATA "/text/") + name));
}

// The reduced Llama table with some members of the file changed.
inline Tokenizer reduced_llama(const AnyJson& changes = AnyJson::object()) {
  AnyJson file = text_fixture("llama_reduced.json");
  for (const auto& [key, value] : changes.items()) file[key] = value;
  return parse_tokenizer(file.dump(), "llama_reduced.json");
}

inline std::vector<int32_t> with_suffix(const Tokenizer& tokenizer, const std::string& text) {
  std::vector<int32_t> ids = tokenizer.encode(text, true);
  ids.insert(ids.end(), tokenizer.suffix_ids().begin(), tokenizer.suffix_ids().end());
  return ids;
}

}  // namespace hilum::test
