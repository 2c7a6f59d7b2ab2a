#include "image/dicom_characters.h"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/ascii.h"
#include "base/utf8.h"

namespace hilum {
namespace {

// A set of graphic characters that an escape sequence designates, G0 into 21..7E, G1 into A1..FE (or A0..FF). PS3.3
// tables C.12-3 and C.12-4.
struct GraphicSet {
  std::string_view escape;  // behind ESC
  const char* iconv_name;   // of a set that has these characters at these bytes, made so by `shift`
  bool is_upper;            // G1
  int width;                // bytes of a character
  enum class Shift { kNone, kHigh, kHighAfter8F, kKatakana, kRomaji } shift;
};
using Shift = GraphicSet::Shift;

constexpr std::array kSets = {
    GraphicSet{"(B", "ASCII", false, 1, Shift::kNone},
    GraphicSet{"(J", nullptr, false, 1, Shift::kRomaji},         // ISO-IR 14, JIS X 0201
    GraphicSet{"$B", "EUC-JP", false, 2, Shift::kHigh},          // ISO-IR 87, JIS X 0208
    GraphicSet{"$(D", "EUC-JP", false, 2, Shift::kHighAfter8F},  // ISO-IR 159, JIS X 0212
    GraphicSet{")I", nullptr, true, 1, Shift::kKatakana},        // ISO-IR 13, JIS X 0201
    GraphicSet{"-A", "ISO-8859-1", true, 1, Shift::kNone},       // ISO-IR 100
    GraphicSet{"-B", "ISO-8859-2", true, 1, Shift::kNone},       // ISO-IR 101
    GraphicSet{"-C", "ISO-8859-3", true, 1, Shift::kNone},       // ISO-IR 109
    GraphicSet{"-D", "ISO-8859-4", true, 1, Shift::kNone},       // ISO-IR 110
    GraphicSet{"-L", "ISO-8859-5", true, 1, Shift::kNone},       // ISO-IR 144
    GraphicSet{"-G", "ISO-8859-6", true, 1, Shift::kNone},       // ISO-IR 127
    GraphicSet{"-F", "ISO-8859-7", true, 1, Shift::kNone},       // ISO-IR 126
    GraphicSet{"-H", "ISO-8859-8", true, 1, Shift::kNone},       // ISO-IR 138
    GraphicSet{"-M", "ISO-8859-9", true, 1, Shift::kNone},       // ISO-IR 148
    GraphicSet{"-b", "ISO-8859-15", true, 1, Shift::kNone},      // ISO-IR 203
    GraphicSet{"-T", "TIS-620", true, 1, Shift::kNone},          // ISO-IR 166
    GraphicSet{"$)C", "EUC-KR", true, 2, Shift::kNone},          // ISO-IR 149
    GraphicSet{"$)A", "EUC-CN", true, 2, Shift::kNone},          // ISO-IR 58
};

const GraphicSet* set_of(std::string_view escape) {
  const auto* found = std::find_if(kSets.begin(), kSets.end(), [&](const GraphicSet& s) { return s.escape == escape; });
  return found == kSets.end() ? nullptr : found;
}

// What a term of Specific Character Set stands for, by its letters and digits alone. Sets that are designated by escape
// sequences only begin with ASCII.
struct Term {
  std::string_view key;
  std::string_view g0, g1;  // escapes of the sets a text begins with
  const char* whole;        // iconv's name, where the set allows no code extensions
};
constexpr std::array kTerms = {
    Term{"6", "(B", "", nullptr},
    Term{"100", "(B", "-A", nullptr},
    Term{"101", "(B", "-B", nullptr},
    Term{"109", "(B", "-C", nullptr},
    Term{"110", "(B", "-D", nullptr},
    Term{"144", "(B", "-L", nullptr},
    Term{"127", "(B", "-G", nullptr},
    Term{"126", "(B", "-F", nullptr},
    Term{"138", "(B", "-H", nullptr},
    Term{"148", "(B", "-M", nullptr},
    Term{"203", "(B", "-b", nullptr},
    Term{"166", "(B", "-T", nullptr},
    Term{"13", "(J", ")I", nullptr},
    Term{"87", "(B", "", nullptr},
    Term{"159", "(B", "", nullptr},
    Term{"149", "(B", "$)C", nullptr},
    Term{"58", "(B", "$)A", nullptr},
    Term{"192", "", "", "UTF-8"},
    Term{"GB18030", "", "", "GB18030"},
    Term{"GBK", "", "", "GBK"},
};

// "ISO_IR 100", "ISO 2022 IR 100", "ISO-IR 100", "iso_ir_100", "ISO8859-1", "UTF-8" -> the row of the table.
const Term* term_of(std::string_view text) {
  std::string key;
  for (const char c : text)
    if (is_ascii_alnum(c)) key += upper_ascii(c);
  if (key.empty()) key = "6";
  for (const std::string_view prefix : {"ISO2022IR", "ISOIR"})
    if (key.starts_with(prefix)) {
      key.erase(0, prefix.size());
      if (!is_ascii_number(key)) return nullptr;
      break;
    }
  constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kOthers = {{{"UTF8", "192"},
      {"ISO88591", "100"}, {"ISO88592", "101"}, {"ISO88593", "109"}, {"ISO88594", "110"}, {"ISO88595", "144"},
      {"ISO88596", "127"}, {"ISO88597", "126"}, {"ISO88598", "138"}, {"ISO88599", "148"}, {"ISO885915", "203"}}};
  for (const auto& [other, means] : kOthers)
    if (key == other) key = means;
  const auto* found = std::find_if(kTerms.begin(), kTerms.end(), [&](const Term& term) { return term.key == key; });
  return found == kTerms.end() ? nullptr : found;
}

bool is_plain_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c != '\x1b' && !(c & 0x80); });
}

// False: not text in that set.
bool append_converted(std::string_view bytes, const char* from, std::string& out) {
  const iconv_t converter = iconv_open("UTF-8", from);
  if (converter == reinterpret_cast<iconv_t>(-1)) return false;
  std::string utf8(bytes.size() * 4 + 16, '\0');
  char* in = const_cast<char*>(bytes.data());
  char* to = utf8.data();
  size_t left = bytes.size(), room = utf8.size();
  const bool good = iconv(converter, &in, &left, &to, &room) != static_cast<size_t>(-1) && left == 0 &&
                    iconv(converter, nullptr, nullptr, &to, &room) != static_cast<size_t>(-1);
  iconv_close(converter);
  if (good) out.append(utf8, 0, utf8.size() - room);
  return good;
}

bool append_character(std::string_view bytes, const GraphicSet& set, std::string& out) {
  const auto code = static_cast<unsigned char>(bytes[0]);
  switch (set.shift) {
    case Shift::kRomaji:  // as ASCII, the backslash (a yen sign here) staying DICOM's separator; 7E is an overline
      if (code == 0x7e) out += "\u203e";
      else out += bytes;
      return true;
    case Shift::kKatakana: {  // U+FF61..U+FF9F in the order of the set
      if (code < 0xa1 || code > 0xdf) return false;
      const unsigned point = 0xff61u + code - 0xa1u;
      for (const unsigned byte : {0xe0u | point >> 12, 0x80u | (point >> 6 & 0x3f), 0x80u | (point & 0x3f)})
        out += static_cast<char>(byte);
      return true;
    }
    case Shift::kNone: return append_converted(bytes, set.iconv_name, out);
    case Shift::kHigh:
    case Shift::kHighAfter8F: break;
  }
  std::string shifted = set.shift == Shift::kHighAfter8F ? "\x8f" : "";
  for (const char c : bytes) shifted += static_cast<char>(c | '\x80');
  return append_converted(shifted, set.iconv_name, out);
}

}  // namespace

DicomCharacters::DicomCharacters(std::string_view specific) {
  bool is_first = true;
  for (const std::string_view part : split(specific, '\\')) {
    const std::string_view value = trim_ascii(part, std::string_view("\0 ", 2));
    const Term* term = term_of(value);
    if (!term && unknown_.empty()) unknown_ = value;
    if (term && is_first) {
      g0_ = term->g0;
      g1_ = term->g1;
      whole_ = term->whole;
    }
    is_first = false;
  }
  if (whole_) unknown_.clear();  // nothing behind it has a meaning
}

std::optional<std::string> DicomCharacters::to_utf8(std::string_view bytes) const {
  if (is_plain_ascii(bytes) && g0_ != "(J") return std::string(bytes);
  if (!unknown_.empty()) return std::nullopt;
  std::string out;
  if (whole_) return append_converted(bytes, whole_, out) ? std::optional(out) : std::nullopt;
  const GraphicSet* const first_g0 = set_of(g0_);
  const GraphicSet* const first_g1 = set_of(g1_);
  const GraphicSet* g0 = first_g0;
  const GraphicSet* g1 = first_g1;
  for (size_t i = 0; i < bytes.size();) {
    const char c = bytes[i];
    if (c == '\x1b') {
      const std::string_view rest = bytes.substr(i + 1);
      const auto* set =
          std::find_if(kSets.begin(), kSets.end(), [&](const GraphicSet& s) { return rest.starts_with(s.escape); });
      if (set == kSets.end()) return std::nullopt;
      (set->is_upper ? g1 : g0) = set;
      i += 1 + set->escape.size();
      continue;
    }
    const bool is_high = c & 0x80;
    const GraphicSet* set = is_high ? g1 : g0;
    // Delimiters and control characters bring the first sets back (PS3.5 6.1.2.5.3); within a set of two bytes the same
    // bytes are halves of characters.
    const bool is_control = static_cast<unsigned char>(c) < 0x20;
    if (!is_high && (is_control || (g0->width == 1 && (c == '\\' || c == '^' || c == '=')))) {
      g0 = first_g0;
      g1 = first_g1;
      out += c;
      ++i;
      continue;
    }
    if (!is_high && c == ' ' && g0->width == 2) {  // a blank is no half of a character
      out += c;
      ++i;
      continue;
    }
    if (!set || bytes.size() - i < static_cast<size_t>(set->width)) return std::nullopt;
    if (!append_character(bytes.substr(i, static_cast<size_t>(set->width)), *set, out)) return std::nullopt;
    i += static_cast<size_t>(set->width);
  }
  return out;
}

}  // namespace hilum
