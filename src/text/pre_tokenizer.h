// Cutting text into the words that BPE or WordPiece works on ("pre_tokenizer" in tokenizer.json).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/json.h"

namespace hilum {

// GPT-2's: contractions, words, numbers and other runs, each with the blank before it.
inline constexpr const char* kByteLevelPattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

struct Word {
  std::string text;
  bool at_text_start = false;  // nothing of the whole text stands before it
};

class PreTokenizer {
 public:
  PreTokenizer() = default;
  // `spec`: null, Sequence, Metaspace, ByteLevel, BertPreTokenizer, Split (behavior Isolated or Removed). Throws Error
  // naming anything else.
  PreTokenizer(const Json& spec, const std::string& where) { add(spec, where, 0); }

  // Cuts a text that no added token interrupts. Empty words are dropped.
  std::vector<Word> split(Word text) const;

 private:
  using Step = std::function<void(Word&&, std::vector<Word>&)>;
  void add(const Json& spec, const std::string& where, int depth);
  std::vector<Step> steps_;
};

}  // namespace hilum
