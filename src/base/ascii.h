// Text taken as ASCII: letters, digits and blanks by their codes, whatever the locale; other bytes pass unchanged.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace hilum {

inline constexpr std::string_view kAsciiBlanks = " \t\r\n\f\v";
inline constexpr std::string_view kJsonBlanks = " \t\r\n";  // the white space of RFC 8259

constexpr bool is_ascii_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_ascii_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
constexpr bool is_ascii_alnum(char c) { return is_ascii_digit(c) || is_ascii_letter(c); }
constexpr char lower_ascii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
constexpr char upper_ascii(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

inline std::string lower_ascii(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lower_ascii(c);
  return out;
}
inline std::string upper_ascii(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = upper_ascii(c);
  return out;
}

// Nothing but digits, and at least one.
constexpr bool is_ascii_number(std::string_view text) {
  for (const char c : text)
    if (!is_ascii_digit(c)) return false;
  return !text.empty();
}

// Without `blanks` at either end. trim() of report/whitespace.h knows the white space of Unicode.
constexpr std::string_view trim_ascii(std::string_view text, std::string_view blanks = kAsciiBlanks) {
  const size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}
constexpr bool is_blank(std::string_view text, std::string_view blanks = kAsciiBlanks) {
  return text.find_first_not_of(blanks) == std::string_view::npos;
}

// What stands between the separators: always one part more than there are of them.
inline std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(separator, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

// The lines without their '\n'; the last need not end with one. A '\r' stays.
inline std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

// The parts between the separators, trimmed; empty ones are left out.
inline std::vector<std::string> split_list(
    std::string_view text, char separator, std::string_view blanks = kAsciiBlanks) {
  std::vector<std::string> parts;
  for (const std::string_view part : split(text, separator))
    if (const std::string_view inner = trim_ascii(part, blanks); !inner.empty()) parts.emplace_back(inner);
  return parts;
}

}  // namespace hilum
