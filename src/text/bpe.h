// Byte-pair encoding: a word's characters, then the lowest-ranked merge again and again (Sennrich et al., arXiv 1508.07909).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/piece_ids.h"
#include "text/tokenizer_file.h"

namespace hilum {

struct BpeOptions {
  bool byte_fallback = false;             // a character without a piece becomes its bytes' pieces <0xXX>
  bool fuse_unk = false;                  // neighbouring unknown characters become one unk_token
  bool ignore_merges = false;             // a word that is a piece is that piece, whatever the merges say
  std::optional<std::string> unk_token;   // without one, unknown characters are dropped, as the reference does
};

class Bpe {
 public:
  // Throws Error(where, ...) when a merge names a piece, or makes one, that the vocabulary lacks. No merge makes an added
  // token, single_word ones apart: their text is cut out before, so a merge would only meet it in literal text, where it must stay text.
  Bpe(const TokenizerFile& file, BpeOptions options, const std::string& where);

  // Appends the ids of one word (valid UTF-8). n log n in its length.
  void encode(std::string_view word, std::vector<int32_t>& out) const;

  const PieceIds& ids() const { return ids_; }

 private:
  void characters(std::string_view word, std::vector<int32_t>& out) const;
  void merge(std::vector<int32_t>& symbols) const;

  PieceIds ids_;
  MergeTable merges_;
  std::vector<int32_t> byte_ids_;  // of <0x00>..<0xFF>, -1 where the vocabulary has none
  std::vector<bool> is_barred_;   // by id: no word and no merge becomes this
  std::optional<int32_t> unk_id_;
  BpeOptions options_;
};

}  // namespace hilum
