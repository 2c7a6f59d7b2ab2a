// Byte-pair encoding: a word's characters, then the lowest-ranked merge again and again (Sennrich et al., arXiv
// 1508.07909).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/word_model.h"

namespace hilum {

struct BpeOptions {
  bool byte_fallback = false;            // a character without a piece becomes its bytes' pieces <0xXX>
  bool fuse_unk = false;                 // neighbouring unknown characters become one unk_token
  bool ignore_merges = false;            // a word that is a piece is that piece, whatever the merges say
  std::string word_suffix;               // stands behind a word's last character ("</w>", CLIP)
  std::optional<std::string> unk_token;  // without one, unknown characters are dropped, as the reference does
};

class Bpe : public WordModel {
 public:
  // Throws Error(where, ...) when a merge names a piece, or makes one, that the vocabulary lacks. No merge makes a
  // barred token.
  Bpe(const TokenizerFile& file, BpeOptions options, const std::string& where);

  // n log n in the word's length.
  void encode(std::string_view word, std::vector<int32_t>& out) const override;

 private:
  void characters(std::string_view word, std::vector<int32_t>& out) const;
  void merge(std::vector<int32_t>& symbols) const;

  MergeTable merges_;
  std::vector<int32_t> byte_ids_;  // of <0x00>..<0xFF>, -1 where the vocabulary has none
  std::optional<int32_t> unk_id_;
  BpeOptions options_;
};

}  // namespace hilum
