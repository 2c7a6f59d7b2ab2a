// What turns one word into ids: BPE or WordPiece ("model" in tokenizer.json).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "text/piece_ids.h"
#include "text/tokenizer_file.h"

namespace hilum {

class WordModel {
 public:
  virtual ~WordModel() = default;
  // Appends the ids of one word (valid UTF-8).
  virtual void encode(std::string_view word, std::vector<int32_t>& out) const = 0;
  const PieceIds& ids() const { return ids_; }

 protected:
  // The vocabulary, and which ids no word may become: those of added tokens, single_word ones apart. Their text is cut
  // out before, so a word could only meet them in literal text, where they must stay text.
  explicit WordModel(const TokenizerFile& file);
  bool is_barred(int32_t id) const { return is_barred_[static_cast<size_t>(id)]; }

  PieceIds ids_;

 private:
  std::vector<bool> is_barred_;  // by id
};

// By the file's "model". Throws Error naming every type and option that is not supported.
std::unique_ptr<const WordModel> make_word_model(const TokenizerFile& file, const std::string& where);

}  // namespace hilum
