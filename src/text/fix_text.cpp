#include "text/fix_text.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <utf8proc.h>

#include "base/ascii.h"
#include "base/replace_all.h"
#include "base/utf8.h"
#include "text/html_entities.h"
#include "text/unicode.h"

namespace hilum {
namespace {

constexpr int kMostRounds = 64;
constexpr size_t kLongestReference = 24;  // characters between '&', '#' and ';'

constexpr std::array<std::pair<char32_t, const char*>, 22> kLigatures = {
    {{0x132, "IJ"}, {0x133, "ij"}, {0x149, "\xca\xbcn"}, {0x1F1, "DZ"}, {0x1F2, "Dz"}, {0x1F3, "dz"},
        {0x1C4, "D\xc5\xbd"}, {0x1C5, "D\xc5\xbe"}, {0x1C6, "d\xc5\xbe"}, {0x1C7, "LJ"}, {0x1C8, "Lj"}, {0x1C9, "lj"},
        {0x1CA, "NJ"}, {0x1CB, "Nj"}, {0x1CC, "nj"}, {0xFB00, "ff"}, {0xFB01, "fi"}, {0xFB02, "fl"}, {0xFB03, "ffi"},
        {0xFB04, "ffl"}, {0xFB05, "\xc5\xbft"}, {0xFB06, "st"}}};

// Calls change(character, out) for each; false keeps it.
template <class Change>
std::string per_character(std::string_view text, Change change) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const CodePoint point = decode_utf8(text.substr(at));
    if (!change(point.value, out)) out += text.substr(at, static_cast<size_t>(point.length));
    at += static_cast<size_t>(point.length);
  }
  return out;
}

// Capitals of a reference's meaning; those of one letter that become two are these alone.
std::string upper(const std::string& text) {
  return per_character(text, [](char32_t c, std::string& out) {
    switch (c) {
      case 0xDF: out += "SS"; return true;
      case 0x149: out += "\xca\xbcN"; return true;
      case 0xFB00: out += "FF"; return true;
      case 0xFB01: out += "FI"; return true;
      case 0xFB02: out += "FL"; return true;
      case 0xFB03: out += "FFI"; return true;
      case 0xFB04: out += "FFL"; return true;
      default: break;
    }
    append_utf8(out, static_cast<char32_t>(utf8proc_toupper(static_cast<utf8proc_int32_t>(c))));
    return true;
  });
}

// Of a reference with its '&' and ';'; no value: it stays.
std::optional<std::string> meaning(std::string_view reference) {
  const std::string_view name = reference.substr(1, reference.size() - 2);
  if (const auto known = html_entity(name)) return known;
  if (name.starts_with('#')) {
    std::string number = html_unescape(reference);
    if (number.find(';') == std::string::npos) return number;
    return std::nullopt;
  }
  // a name in capitals whose small form HTML knows, and of which nothing is a name as it stands
  if (upper_ascii(name) != name || html_unescape(reference) != reference) return std::nullopt;
  const auto small = html_entity(lower_ascii(name));
  return small ? std::optional(upper(*small)) : std::nullopt;
}

std::string unescape(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t begin = std::min(text.find('&', at), text.size());
    out += text.substr(at, begin - at);
    at = begin;
    if (begin == text.size()) break;
    size_t end = begin + 1 + (begin + 1 < text.size() && text[begin + 1] == '#' ? 1 : 0);
    const size_t name = end;
    while (end < text.size() && end - name < kLongestReference && is_ascii_alnum(text[end])) ++end;
    std::optional<std::string> stands;
    if (end > name && end < text.size() && text[end] == ';') stands = meaning(text.substr(begin, end + 1 - begin));
    if (stands) {
      out += *stands;
      at = end + 1;
    } else {
      out += '&';
      at = begin + 1;
    }
  }
  return out;
}

// The bytes that gave this text when each was taken for a character of Latin-1, or of Windows-1252; none: no such text.
std::optional<std::string> bytes_of(std::string_view text, bool windows) {
  std::string bytes;
  for (size_t at = 0; at < text.size();) {
    const CodePoint point = decode_utf8(text.substr(at));
    at += static_cast<size_t>(point.length);
    unsigned byte = point.value;
    if (windows && (point.value > 0xff || (point.value >= 0x80 && point.value <= 0x9f))) {
      byte = 0x80;
      while (byte <= 0x9f && windows_1252(byte) != point.value) ++byte;
      if (byte > 0x9f) return std::nullopt;
    }
    if (byte > 0xff) return std::nullopt;
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

std::string misread_utf8(std::string text) {
  const auto is_ascii = [](char c) { return static_cast<uint8_t>(c) < 0x80; };
  if (std::ranges::all_of(text, is_ascii)) return text;
  for (const bool windows : {false, true})
    if (auto bytes = bytes_of(text, windows); bytes && is_utf8(*bytes)) return *std::move(bytes);
  return text;
}

// Control characters, ligatures, widths and quotes, in one walk: none of them makes another.
std::string plain_characters(std::string_view text) {
  return per_character(text, [](char32_t c, std::string& out) {
    if (c >= 0x80 && c <= 0x9f) {
      append_utf8(out, windows_1252(c));
      return true;
    }
    for (const auto& [ligature, letters] : kLigatures)
      if (c == ligature) {
        out += letters;
        return true;
      }
    if (c == 0x3000) out += ' ';
    else if (c >= 0xFF01 && c <= 0xFFEF) out += unicode_form(utf8_of(c), UnicodeForm::kNfkc);
    else if (c == 0x2BC || (c >= 0x2018 && c <= 0x201B)) out += '\'';
    else if (c >= 0x201C && c <= 0x201F) out += '"';
    else return false;
    return true;
  });
}

void unix_lines(std::string& text) {
  for (const char* line_end : {"\r\n", "\r", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xc2\x85"})
    replace_all(text, line_end, "\n");
}

// "\033[36;44m"
std::string without_terminal_escapes(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text.substr(at).starts_with("\033[")) {
      size_t end = at + 2;
      while (end < text.size() && (is_ascii_digit(text[end]) || text[end] == ';')) ++end;
      if (end < text.size() && is_ascii_letter(text[end])) {
        at = end;
        continue;
      }
    }
    out += text[at];
  }
  return out;
}

std::string without_controls(std::string_view text) {
  return per_character(text, [](char32_t c, std::string&) {
    const bool ascii = c < 9 || c == 0x0B || (c >= 0x0E && c < 0x20) || c == 0x7F;
    return ascii || (c >= 0x206A && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFC);
  });
}

std::string fix_line(std::string line, bool references) {
  for (int round = 0; round < kMostRounds; ++round) {
    const std::string before = line;
    if (references) line = unescape(line);
    line = plain_characters(misread_utf8(std::move(line)));
    unix_lines(line);
    line = unicode_form(without_controls(without_terminal_escapes(line)), UnicodeForm::kNfc);
    if (line == before) break;
  }
  return line;
}

}  // namespace

std::string fix_text(std::string_view given) {
  const std::string text = to_valid_utf8(given);
  std::string out;
  bool references = true;  // until a '<' tells that this is HTML
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    const std::string line = text.substr(begin, end - begin);
    references = references && line.find('<') == std::string::npos;
    out += fix_line(line, references);
    begin = end;
  }
  return out;
}

}  // namespace hilum
