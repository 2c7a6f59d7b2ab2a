// UTF-8 byte by byte (RFC 3629, section 4): which byte may follow. Shared by what mends text and by what guides the writing of JSON.
#pragma once

#include <cstdint>

namespace hilum {

struct Utf8Step {
  uint8_t left = 0;                    // continuation bytes still to come; 0: between characters
  uint8_t low = 0x80, high = 0xbf;     // of the next of them

  // Takes a byte: false when it cannot stand here, and nothing is changed.
  constexpr bool take(uint8_t byte) {
    if (left > 0) {
      if (byte < low || byte > high) return false;
      --left, low = 0x80, high = 0xbf;
      return true;
    }
    if (byte < 0x80) return true;
    if (byte < 0xc2 || byte > 0xf4) return false;
    left = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    low = byte == 0xe0 ? 0xa0 : byte == 0xf0 ? 0x90 : 0x80;    // no overlong forms
    high = byte == 0xed ? 0x9f : byte == 0xf4 ? 0x8f : 0xbf;   // no surrogates, nothing above U+10FFFF
    return true;
  }
};

}  // namespace hilum
