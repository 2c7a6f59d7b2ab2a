// tokenizer.json as it stands in the file, read in one pass: the vocabulary and the merges never become a JSON tree,
// because a 128,000-entry object would cost more than the rest of the start-up.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"

namespace hilum {

struct AddedToken {
  int32_t id = -1;
  std::string content;
  bool special = false;                 // left out when decoding with skip_special
  bool lstrip = false, rstrip = false;  // takes the white space before, after it
  bool single_word = false;             // only between characters that are no word characters
  bool normalized = true;               // matched in the normalised text, itself normalised
};

inline constexpr int32_t kMaxTokenId =
    (1 << 22) - 1;  // above: a broken file, not a vocabulary (the largest published have 2^18)

struct TokenizerFile {
  std::vector<std::pair<std::string, int32_t>> vocab;       // in file order; ids and pieces are unique
  std::vector<std::pair<std::string, std::string>> merges;  // by rank
  std::vector<uint32_t> merge_ranks;  // of each merge, where several share one; empty: their places
  std::vector<AddedToken> added;
  std::unique_ptr<Json> rest;  // everything else: model.type, pre_tokenizer, decoder, ...
};

// Throws Error(where, ...) naming the place: not JSON, cut off, too deep, a value of the wrong type, an id twice or out
// of range.
TokenizerFile read_tokenizer_file(std::string_view json, const std::string& where);

// A vocab.json: one object, piece -> id. Same errors.
std::vector<std::pair<std::string, int32_t>> read_vocab_json(std::string_view json, const std::string& where);

// Throws Error where a piece has two ids or an id two pieces; an added token may repeat its entry of the vocabulary.
void check_unique(const TokenizerFile& file, const std::string& where);

}  // namespace hilum
