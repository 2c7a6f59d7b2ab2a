// UTF-8 (RFC 3629): checking it, mending it, and following it byte by byte.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hilum {

// Byte by byte (section 4): which byte may follow. What mends text and what constrains the writing of JSON stand on it.
struct Utf8Step {
  uint8_t left = 0;                 // continuation bytes still to come; 0: between characters
  uint8_t low = 0x80, high = 0xbf;  // of the next of them

  // Takes a byte: false when it cannot stand here, and nothing is changed.
  constexpr bool take(uint8_t byte) {
    if (left > 0) {
      if (byte < low || byte > high) return false;
      --left;
      low = 0x80;
      high = 0xbf;
      return true;
    }
    if (byte < 0x80) return true;
    if (byte < 0xc2 || byte > 0xf4) return false;
    left = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    low = byte == 0xe0 ? 0xa0 : byte == 0xf0 ? 0x90 : 0x80;   // no overlong forms
    high = byte == 0xed ? 0x9f : byte == 0xf4 ? 0x8f : 0xbf;  // no surrogates, nothing above U+10FFFF
    return true;
  }
};

// No overlong forms, no surrogates, nothing above U+10FFFF, no character cut off at the end.
bool is_utf8(std::string_view text);

// Text that comes in pieces of bytes, given on as whole characters: an answer's tokens may end inside one.
class Utf8Pieces {
 public:
  // Everything that is complete by now; "" while a character is open. Bytes that are not UTF-8 (RFC 3629) come out as
  // U+FFFD, one for each longest beginning of a character (Unicode 15, section 3.9).
  std::string push(std::string_view bytes);
  // At the end: an open character as U+FFFD, else "".
  std::string finish();

 private:
  std::string open_;  // the beginning of one character, at most 3 bytes
};

// The whole of a text so mended.
std::string mended_utf8(std::string_view text);
}  // namespace hilum
