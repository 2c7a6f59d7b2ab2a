#include "text/byte_alphabet.h"

#include <array>

#include "text/unicode.h"

namespace hilum {
namespace {

bool stands_for_itself(int byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || (byte >= 0xAE && byte <= 0xFF);
}

struct Tables {
  std::array<char32_t, 256> visible;
  std::array<int16_t, 256 + 68> byte;  // by character; -1: not in the alphabet

  Tables() {
    byte.fill(-1);
    char32_t next = 256;
    for (int b = 0; b < 256; ++b) {
      visible[b] = stands_for_itself(b) ? static_cast<char32_t>(b) : next++;
      byte[visible[b]] = static_cast<int16_t>(b);
    }
  }
};

const Tables& tables() {
  static const Tables made;
  return made;
}

}  // namespace

char32_t byte_to_visible(uint8_t byte) { return tables().visible[byte]; }

std::optional<uint8_t> visible_to_byte(char32_t character) {
  if (character >= tables().byte.size() || tables().byte[character] < 0) return std::nullopt;
  return static_cast<uint8_t>(tables().byte[character]);
}

std::string to_visible_bytes(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 4);
  for (const char c : bytes) append_utf8(out, byte_to_visible(static_cast<uint8_t>(c)));
  return out;
}

}  // namespace hilum
