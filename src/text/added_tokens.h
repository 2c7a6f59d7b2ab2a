// Tokens that are found in the text before the model sees it: <s>, <image>, <obj>, ...
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "text/tokenizer_file.h"

namespace hilum {

// Text of which some bytes are literal: a user's words, in which no added token may be found.
struct MaskedText {
  std::string text;
  std::vector<bool> literal;  // per byte; empty: none is
};

struct TokenMatch {
  size_t begin = 0, end = 0;  // bytes, with the white space that lstrip or rstrip takes
  int32_t id = -1;
};

// Finds tokens leftmost first, at one place the longest.
class AddedTokenMatcher {
 public:
  // `content` is what to look for; it differs from token.content where the text is normalised.
  void add(const AddedToken& token, std::string_view content);
  bool empty() const { return tokens_.empty(); }

  // Matches in order, not overlapping. A match with a literal byte in it does not count.
  std::vector<TokenMatch> find(const MaskedText& text) const;

 private:
  struct Entry {
    int32_t id;
    bool lstrip, rstrip, single_word;
  };
  struct Node {
    int entry = -1;  // of the token that ends here
  };
  static uint64_t edge(int node, uint8_t byte) { return (static_cast<uint64_t>(node) << 8) | byte; }

  std::vector<Node> nodes_{1};
  std::unordered_map<uint64_t, int> edges_;
  std::array<bool, 256> starts_{};  // first bytes of tokens
  std::vector<Entry> tokens_;
};

}  // namespace hilum
