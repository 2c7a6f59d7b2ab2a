// Training a byte-level BPE vocabulary (GPT-2 kind) for the demo model.
#pragma once

#include <string>
#include <vector>

namespace hilum {

struct BpeTrainerConfig {
  int vocab_size =
      2000;  // special and added tokens and the 256 bytes included; fewer where the texts have no more pairs
  int min_frequency = 2;  // a pair seen less often is not merged
  // Take the first ids in this order. Special ones are left out when decoding, the others ("<obj>") are not.
  struct Token {
    std::string content;
    bool special = true;
  };
  std::vector<Token> tokens;
  std::string bos;  // put in front of every text; one of `tokens`, or empty
  bool add_prefix_space = false;
};

// Counts words of the texts (cut by GPT-2's pattern; the tokens' own text is cut out first), then merges the most
// frequent pair again and again; among equals the pair of the lowest ids. The result depends on the multiset of texts
// alone, not on their order. Returns the tokenizer.json. Throws Error for a vocabulary that cannot hold tokens and
// bytes, tokens that are empty, twice or one of the 256 byte characters, and a bos that is no token.
std::string train_byte_bpe(const std::vector<std::string>& texts, const BpeTrainerConfig& config);

}  // namespace hilum
