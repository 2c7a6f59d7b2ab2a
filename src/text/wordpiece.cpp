#include "text/wordpiece.h"

#include <algorithm>

#include "base/error.h"

namespace hilum {
namespace {

bool begins_character(char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; }

}  // namespace

WordPiece::WordPiece(const TokenizerFile& file, WordPieceOptions options, const std::string& where)
    : WordModel(file), options_(std::move(options)) {
  const auto unk = ids_.find(options_.unk_token);
  if (!unk) throw Error(where + ": model.unk_token", "\"" + options_.unk_token + "\" is not in the vocabulary");
  unk_id_ = *unk;
  for (const auto& [piece, id] : file.vocab) longest_ = std::max(longest_, piece.size());
}

void WordPiece::encode(std::string_view word, std::vector<int32_t>& out) const {
  if (word.empty()) return;
  const size_t before = out.size();
  const auto unknown = [&] {
    out.resize(before);
    out.push_back(unk_id_);
  };
  if (std::count_if(word.begin(), word.end(), begins_character) > options_.max_word_chars) return unknown();

  std::string candidate;
  for (size_t start = 0; start < word.size();) {
    const std::string_view prefix = start > 0 ? std::string_view(options_.continuation) : std::string_view();
    candidate.assign(prefix).append(word.substr(start, longest_));
    size_t end = std::min(word.size(), start + longest_);
    int32_t id = -1;
    for (; end > start; --end) {  // only ends of characters count: a cut one is in no vocabulary of valid text
      if (end < word.size() && !begins_character(word[end])) continue;
      id = ids_.find(std::string_view(candidate).substr(0, prefix.size() + end - start)).value_or(-1);
      if (id >= 0 && !is_barred(id)) break;
      id = -1;
    }
    if (id < 0) return unknown();
    out.push_back(id);
    start = end;
  }
}

}  // namespace hilum
