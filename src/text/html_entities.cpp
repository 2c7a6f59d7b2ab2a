#include "text/html_entities.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <unordered_map>

#include "base/ascii.h"
#include "text/unicode.h"

namespace hilum {
namespace {

constexpr size_t kLongestName = 32;  // of a reference, semicolon included; so many characters are looked at

struct Entity {
  std::string value;
  bool bare = false;
};

const std::unordered_map<std::string_view, Entity>& entities() {
  static const auto all = [] {
    std::unordered_map<std::string_view, Entity> made;
    for (const std::string_view row : split(kHtmlEntities, ';')) {
      const std::vector<std::string_view> words = split(row, ' ');
      if (words.size() < 2) continue;
      Entity entity{.bare = words[0].ends_with('!')};
      for (size_t i = 1; i < words.size(); ++i) {
        uint32_t point = 0;
        std::from_chars(words[i].data(), words[i].data() + words[i].size(), point, 16);
        append_utf8(entity.value, point);
      }
      made.emplace(words[0].substr(0, words[0].size() - (entity.bare ? 1 : 0)), std::move(entity));
    }
    return made;
  }();
  return all;
}

// What "&#NUMBER;" stands for.
void append_numbered(std::string& out, uint32_t number) {
  if (number == 0 || (number >= 0xD800 && number <= 0xDFFF) || number > 0x10FFFF) {
    out += kReplacementCharacter;
  } else if (number >= 0x80 && number <= 0x9f) {
    append_utf8(out, windows_1252(number));
  } else {
    const bool control = number < 0x20 && number != '\t' && number != '\n' && number != '\f' && number != '\r';
    const bool no_character = (number >= 0xFDD0 && number <= 0xFDEF) || (number & 0xFFFE) == 0xFFFE || number == 0x7f;
    if (!control && !no_character) append_utf8(out, number);
  }
}

bool is_digit(char c, bool hex) { return is_ascii_digit(c) || (hex && lower_ascii(c) >= 'a' && lower_ascii(c) <= 'f'); }

// The reference behind the '&' at the front of `text`: appends what it stands for and gives its length, or 0.
size_t take_numbered(std::string_view text, std::string& out) {
  const bool hex = text.size() > 2 && lower_ascii(text[2]) == 'x';
  const size_t begin = hex ? 3 : 2;
  size_t end = begin;
  uint32_t number = 0;
  for (; end < text.size() && is_digit(text[end], hex); ++end) {
    const char c = lower_ascii(text[end]);
    const auto digit = static_cast<uint32_t>(is_ascii_digit(c) ? c - '0' : c - 'a' + 10);
    number = std::min<uint32_t>(number * (hex ? 16 : 10) + digit, 0x110000);  // beyond: no character
  }
  if (end == begin) return 0;
  append_numbered(out, number);
  return end + (end < text.size() && text[end] == ';' ? 1 : 0);
}

size_t take_named(std::string_view text, std::string& out) {
  size_t end = 1;
  for (size_t seen = 0; end < text.size() && seen < kLongestName; ++seen) {
    if (std::string_view("\t\n\f <&#;").find(text[end]) != std::string_view::npos) break;
    end += static_cast<size_t>(decode_utf8(text.substr(end)).length);
  }
  const std::string_view name = text.substr(1, end - 1);
  if (end < text.size() && text[end] == ';')
    if (const auto whole = html_entity(name)) {
      out += *whole;
      return end + 1;
    }
  for (size_t size = name.size(); size > 1; --size)
    if (const auto beginning = html_entity(name.substr(0, size), /*bare=*/true)) {
      out += *beginning;
      return 1 + size;
    }
  return 0;
}

}  // namespace

char32_t windows_1252(unsigned byte) {
  constexpr std::array<uint16_t, 32> kPoints = {0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6,
      0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
      0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E, 0x0178};
  return byte >= 0x80 && byte <= 0x9f ? kPoints[byte - 0x80] : byte;
}

std::optional<std::string> html_entity(std::string_view name, bool bare) {
  const auto found = entities().find(name);
  if (found == entities().end() || (bare && !found->second.bare)) return std::nullopt;
  return found->second.value;
}

std::string html_unescape(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t next = std::min(text.find('&', at), text.size());
    out += text.substr(at, next - at);
    if (next == text.size()) break;
    const std::string_view rest = text.substr(next);
    const size_t taken = rest.size() > 1 && rest[1] == '#' ? take_numbered(rest, out)
                         : rest.size() > 1                 ? take_named(rest, out)
                                                           : 0;
    if (taken == 0) out += '&';
    at = next + std::max<size_t>(taken, 1);
  }
  return out;
}

}  // namespace hilum
