#include "text/synthetic_pieces.h"

#include <bit>
#include <vector>

#include <fmt/format.h>

#include "base/error.h"
#include "text/sentencepiece.h"

namespace hilum {
namespace {

// sentencepiece_model.proto of github.com/google/sentencepiece, in the wire format of protocol buffers.
std::string varint(uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  return out + static_cast<char>(value);
}
std::string number(int field, uint64_t value) { return varint(static_cast<uint64_t>(field) << 3) + varint(value); }
std::string text(int field, const std::string& bytes) {
  return varint(static_cast<uint64_t>(field) << 3 | 2) + varint(bytes.size()) + bytes;
}
std::string real(int field, float value) {
  std::string out = varint(static_cast<uint64_t>(field) << 3 | 5);
  for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(std::bit_cast<uint32_t>(value) >> shift);
  return out;
}

std::string piece(const std::string& content, float score, PieceType type) {
  return text(1, text(1, content) + real(2, score) + number(3, type));
}

// Two letters, three, four; those that begin a word ("▁the") before the others of their length.
std::vector<std::string> letter_groups(size_t wanted) {
  std::vector<std::string> all, last = {"\u2581"};
  for (char c = 'a'; c <= 'z'; ++c) last.emplace_back(1, c);
  for (int length = 2; length <= 4 && all.size() < wanted; ++length) {
    std::vector<std::string> next;
    for (const std::string& begin : last)
      for (char c = 'a'; c <= 'z'; ++c) {
        next.push_back(begin + c);
        if (all.size() < wanted) all.push_back(next.back());
      }
    last = std::move(next);
  }
  return all;
}

}  // namespace

std::string synthetic_sentencepiece(int64_t pieces) {
  std::vector<std::string> characters = {"\u2581"};
  for (char c = '!'; c <= '~'; ++c) characters.emplace_back(1, c);
  const int64_t needed = 3 + 256 + static_cast<int64_t>(characters.size());
  check(pieces >= needed, "tokenizer",
      fmt::format("{} pieces are too few: {} are needed for special tokens, bytes and characters", pieces, needed));
  const std::vector<std::string> groups = letter_groups(static_cast<size_t>(pieces - needed));
  check(static_cast<int64_t>(groups.size()) == pieces - needed, "tokenizer",
      fmt::format("{} pieces are more than groups of four letters give", pieces));

  std::string model = piece("<unk>", 0, kUnknown) + piece("<s>", 0, kControl) + piece("</s>", 0, kControl);
  for (int byte = 0; byte < 256; ++byte) model += piece(fmt::format("<0x{:02X}>", byte), 0, kByte);
  float score = 0;
  for (const std::string& group : groups) model += piece(group, score--, kNormal);
  for (const std::string& character : characters) model += piece(character, score--, kNormal);
  constexpr uint64_t kBpe = 2;
  const std::string trainer = text(2, "synthetic: made up from letters, trained on nothing, for measuring alone") +
                              number(3, kBpe) + number(4, static_cast<uint64_t>(pieces)) +
                              number(35, 1);  // model_prefix, model_type, vocab_size, byte_fallback
  const std::string normalizer = text(1, "identity") + number(3, 1) + number(4, 0) +
                                 number(5, 1);  // name, leading blank, blanks all kept, written visibly
  return model + text(2, trainer) + text(3, normalizer);
}

}  // namespace hilum
