// WordPiece: a word is cut from its front into the longest pieces that the vocabulary has (Wu et al., arXiv 1609.08144,
// as BERT uses it).
#pragma once

#include <string>

#include "text/word_model.h"

namespace hilum {

struct WordPieceOptions {
  std::string unk_token = "[UNK]";  // stands for a word that cannot be cut without a rest, as a whole
  std::string continuation = "##";  // begins every piece but a word's first
  int max_word_chars = 100;         // a longer word is unknown, 1..1000
};

class WordPiece : public WordModel {
 public:
  // Throws Error(where, ...) when the vocabulary lacks the unknown token.
  WordPiece(const TokenizerFile& file, WordPieceOptions options, const std::string& where);

  // At most max_word_chars^2 look-ups.
  void encode(std::string_view word, std::vector<int32_t>& out) const override;

 private:
  WordPieceOptions options_;
  int32_t unk_id_ = 0;
  size_t longest_ = 0;  // bytes of the longest piece
};

}  // namespace hilum
