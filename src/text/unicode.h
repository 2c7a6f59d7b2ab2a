// UTF-8 and the few Unicode questions a tokenizer asks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hilum {

// One code point and the bytes it took.
struct CodePoint {
  char32_t value = 0;
  int length = 0;  // 1..4 bytes; of an invalid sequence: its maximal subpart (Unicode 15, section 3.9), at least 1
  bool valid = false;
};

// The code point at the front of `text`, which is not empty. Surrogates, overlong forms and values past U+10FFFF are
// invalid.
CodePoint decode_utf8(std::string_view text);

// Is `text` the beginning of a valid sequence that needs more bytes (1 to 3 bytes, none of them wrong yet)?
bool is_incomplete_utf8(std::string_view text);

void append_utf8(std::string& out, char32_t value);

// `text` with each maximal invalid subpart replaced by U+FFFD; valid text comes back as it is.
std::string to_valid_utf8(std::string_view text);

// The character alone, as UTF-8.
inline std::string utf8_of(char32_t value) {
  std::string out;
  append_utf8(out, value);
  return out;
}

// Unicode's normalisation forms, of valid UTF-8.
enum class UnicodeForm { kNfc, kNfd, kNfkc, kNfkd };
std::string unicode_form(const std::string& text, UnicodeForm form);

// White_Space; and what regular expressions call a word character: letters, marks, digits, connector punctuation.
bool is_unicode_space(char32_t value);
bool is_word_character(char32_t value);

inline constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";  // U+FFFD

}  // namespace hilum
