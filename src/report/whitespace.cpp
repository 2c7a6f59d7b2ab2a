#include "report/whitespace.h"

#include <array>

namespace hilum {
namespace {

// Beyond ASCII, in UTF-8: U+0085, U+00A0, U+1680, U+2000..U+200A, U+2028, U+2029, U+202F, U+205F, U+3000.
constexpr std::array<std::string_view, 19> kWide = {"\xC2\x85", "\xC2\xA0", "\xE1\x9A\x80", "\xE2\x80\x80",
    "\xE2\x80\x81", "\xE2\x80\x82", "\xE2\x80\x83", "\xE2\x80\x84", "\xE2\x80\x85", "\xE2\x80\x86", "\xE2\x80\x87",
    "\xE2\x80\x88", "\xE2\x80\x89", "\xE2\x80\x8A", "\xE2\x80\xA8", "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F",
    "\xE3\x80\x80"};

bool is_narrow_space(char c) { return c == ' ' || (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x1F); }

}  // namespace

std::string_view trim_left(std::string_view text) {
  while (!text.empty()) {
    size_t length = is_narrow_space(text[0]) ? 1 : 0;
    for (const std::string_view wide : kWide)
      if (text.starts_with(wide)) length = wide.size();
    if (length == 0) break;
    text.remove_prefix(length);
  }
  return text;
}

std::string_view trim(std::string_view text) {
  text = trim_left(text);
  while (!text.empty()) {
    size_t length = is_narrow_space(text.back()) ? 1 : 0;
    for (const std::string_view wide : kWide)
      if (text.ends_with(wide)) length = wide.size();
    if (length == 0) break;
    text.remove_suffix(length);
  }
  return text;
}

}  // namespace hilum
