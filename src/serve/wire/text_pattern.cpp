#include "serve/wire/text_pattern.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "base/utf8.h"
#include "serve/wire/reply.h"
#include "serve/wire/text_form.h"

namespace hilum {
namespace {

using Kind = PatternNode::Kind;
constexpr size_t kMaxPattern = 10'000;
constexpr int kMaxGroups = 100;        // inside each other
constexpr uint32_t kMaxRepeat = 1000;  // written as a number

const CharacterRanges kDigits = {{'0', '9'}};
const CharacterRanges kWords = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
const CharacterRanges kSpaces = {{'\t', '\r'}, {' ', ' '}, {0xa0, 0xa0}, {0x1680, 0x1680}, {0x2000, 0x200a},
    {0x2028, 0x2029}, {0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000}, {0xfeff, 0xfeff}};
const CharacterRanges kLineEnds = {{'\n', '\n'}, {'\r', '\r'}, {0x2028, 0x2029}};

std::u32string characters_of(std::string_view text) {
  std::u32string out;
  Utf8Step step;
  for (const char c : text) {
    const uint8_t byte = static_cast<uint8_t>(c);
    const bool begins = step.left == 0;
    if (!step.take(byte)) continue;
    if (begins) out += byte < 0x80 ? byte : byte & (0x7f >> (step.left + 1));
    else out.back() = out.back() << 6 | (byte & 0x3f);
  }
  return out;
}

class Reader {
 public:
  Reader(std::string_view pattern, const std::string& where) : text_(characters_of(pattern)), where_(where) {}

  PatternNode read() {
    PatternNode all = either(0);
    if (!at_end()) fail("closes a group that is not open");
    return all;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw RequestError(400, where_, fmt::format("{}, at character {} of the pattern", what, at_),
        "Groups, classes, alternatives, repetitions, ^, $ and look-ahead are read.", "unsupported_pattern");
  }
  bool at_end() const { return at_ >= text_.size(); }
  char32_t peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : 0; }
  bool skip(std::u32string_view word) {
    if (text_.compare(at_, word.size(), word) != 0) return false;
    at_ += word.size();
    return true;
  }

  PatternNode either(int depth) {
    if (depth > kMaxGroups) fail("holds too many groups inside each other");
    PatternNode all{.kind = Kind::kEither};
    do all.parts.push_back(sequence(depth));
    while (skip(U"|"));
    return all.parts.size() == 1 ? std::move(all.parts.front()) : all;
  }

  PatternNode sequence(int depth) {
    PatternNode all{.kind = Kind::kSequence};
    while (!at_end() && peek() != '|' && peek() != ')') all.parts.push_back(repeated(depth));
    return all;
  }

  PatternNode repeated(int depth) {
    PatternNode one = atom(depth);
    uint32_t low = 1, high = 1;
    if (peek() == '*' || peek() == '?') low = 0;
    if (peek() == '*' || peek() == '+') high = TextForm::kNoLimit;
    if (peek() == '{') braces(low, high);
    else if (!skip(U"*") && !skip(U"+") && !skip(U"?")) return one;
    skip(U"?");  // as few as can be: the same texts
    if (one.kind == Kind::kStart || one.kind == Kind::kEnd) fail("repeats an anchor");
    PatternNode all{.kind = Kind::kRepeat, .low = low, .high = high};
    all.parts.push_back(std::move(one));
    return all;
  }

  uint32_t number() {
    if (peek() < '0' || peek() > '9') fail("holds braces without a number");
    uint32_t value = 0;
    for (; peek() >= '0' && peek() <= '9'; ++at_) value = std::min(value * 10 + (peek() - '0'), kMaxRepeat + 1);
    if (value > kMaxRepeat) fail(fmt::format("repeats more than {} times", kMaxRepeat));
    return value;
  }
  void braces(uint32_t& low, uint32_t& high) {
    ++at_;
    low = number();
    high = low;
    if (skip(U",")) high = peek() == '}' ? TextForm::kNoLimit : number();
    if (!skip(U"}")) fail("holds braces that are not closed");
    if (low > high) fail("repeats from more to fewer");
  }

  PatternNode set_of(CharacterRanges ranges) {
    return {.kind = Kind::kSet, .set = normalized(std::move(ranges)), .parts = {}};
  }

  PatternNode atom(int depth) {
    const char32_t c = peek();
    if (skip(U"^")) return {.kind = Kind::kStart};
    if (skip(U"$")) return {.kind = Kind::kEnd};
    if (skip(U".")) return set_of(complement(kLineEnds));
    if (c == '(') return group(depth);
    if (c == '[') return set_of(bracketed());
    if (c == '*' || c == '+' || c == '?' || c == '{') fail("repeats nothing");
    if (c == '\\') return set_of(escaped(false));
    ++at_;
    return set_of({{c, c}});
  }

  PatternNode group(int depth) {
    ++at_;
    Kind kind = Kind::kSequence;
    if (skip(U"?=")) kind = Kind::kAhead;
    else if (skip(U"?!")) kind = Kind::kNotAhead;
    else if (skip(U"?<=") || skip(U"?<!")) fail("looks behind");
    else if (skip(U"?<")) {
      while (!at_end() && peek() != '>') ++at_;
      if (!skip(U">")) fail("names a group without an end");
    } else if (!skip(U"?:") && peek() == '?') fail("holds a group that is not known");
    PatternNode inner = either(depth + 1);
    if (!skip(U")")) fail("holds a group that is not closed");
    if (kind == Kind::kSequence) return inner;
    PatternNode all{.kind = kind};
    all.parts.push_back(std::move(inner));
    return all;
  }

  char32_t hex(size_t digits) {
    char32_t value = 0;
    for (size_t i = 0; i < digits; ++i, ++at_) {
      const char32_t c = peek();
      const int digit = c >= '0' && c <= '9'   ? static_cast<int>(c - '0')
                        : c >= 'a' && c <= 'f' ? static_cast<int>(c - 'a') + 10
                        : c >= 'A' && c <= 'F' ? static_cast<int>(c - 'A') + 10
                                               : -1;
      if (digit < 0) fail("holds an escape that is not hexadecimal");
      value = value << 4 | static_cast<char32_t>(digit);
    }
    return value;
  }

  CharacterRanges escaped(bool in_class) {
    ++at_;
    const char32_t c = peek();
    ++at_;
    const auto one = [](char32_t character) { return CharacterRanges{{character, character}}; };
    switch (c) {
      case 'd': return kDigits;
      case 'D': return complement(kDigits);
      case 'w': return kWords;
      case 'W': return complement(kWords);
      case 's': return kSpaces;
      case 'S': return complement(kSpaces);
      case 'n': return one('\n');
      case 'r': return one('\r');
      case 't': return one('\t');
      case 'f': return one('\f');
      case 'v': return one('\v');
      case 'x': return one(hex(2));
      case 'u':
        if (!skip(U"{")) return one(hex(4));
        {
          size_t digits = 0;
          while (peek(digits) != '}' && digits < 7) ++digits;
          const char32_t character = digits == 0 || digits > 6 ? 0 : hex(digits);
          if (!skip(U"}") || character == 0) fail("holds an escape without an end");
          return one(character);
        }
      case 'b':
        if (in_class) return one('\b');
        [[fallthrough]];
      default: break;
    }
    if (c == 0 || (c < 0x80 && std::isalnum(static_cast<int>(c)))) {
      --at_;
      fail("holds an escape that is not read");
    }
    return one(c);
  }

  CharacterRanges bracketed() {
    ++at_;
    const bool is_not = skip(U"^");
    CharacterRanges all;
    while (peek() != ']' || at_end()) {
      if (at_end()) fail("holds a class that is not closed");
      const CharacterRanges low = class_atom();
      const bool is_range = low.size() == 1 && low[0].first == low[0].second && peek() == '-' && peek(1) != ']';
      if (is_range) {
        ++at_;
        const CharacterRanges high = class_atom();
        if (high.size() != 1 || high[0].first != high[0].second || high[0].first < low[0].first)
          fail("holds a range that runs backwards");
        all.emplace_back(low[0].first, high[0].first);
      } else {
        all.insert(all.end(), low.begin(), low.end());
      }
    }
    ++at_;
    return is_not ? complement(normalized(std::move(all))) : all;
  }
  CharacterRanges class_atom() {
    if (peek() == '\\') return escaped(true);
    const char32_t c = peek();
    ++at_;
    return {{c, c}};
  }

  std::u32string text_;
  size_t at_ = 0;
  const std::string& where_;
};

}  // namespace

const CharacterRanges& all_characters() {
  static const CharacterRanges all = {{'\b', '\n'}, {'\f', '\r'}, {' ', 0xd7ff}, {0xe000, 0x10ffff}};
  return all;
}

CharacterRanges normalized(CharacterRanges ranges) {
  std::sort(ranges.begin(), ranges.end());
  CharacterRanges joined;
  for (const auto& [low, high] : ranges) {
    if (!joined.empty() && low <= joined.back().second + 1) joined.back().second = std::max(joined.back().second, high);
    else joined.emplace_back(low, high);
  }
  CharacterRanges within;
  for (const auto& [low, high] : joined)
    for (const auto& [first, last] : all_characters())
      if (std::max(low, first) <= std::min(high, last)) within.emplace_back(std::max(low, first), std::min(high, last));
  return within;
}

CharacterRanges complement(const CharacterRanges& ranges) {
  CharacterRanges gaps;
  char32_t next = 0;
  for (const auto& [low, high] : ranges) {
    if (low > next) gaps.emplace_back(next, low - 1);
    next = high + 1;
  }
  gaps.emplace_back(next, 0x10ffff);
  return normalized(std::move(gaps));
}

bool PatternNode::has_position() const {
  return kind >= Kind::kStart ||
         std::any_of(parts.begin(), parts.end(), [](const PatternNode& part) { return part.has_position(); });
}

PatternNode read_pattern(std::string_view pattern, const std::string& where) {
  if (pattern.size() > kMaxPattern)
    throw RequestError(400, where, fmt::format("is a pattern of {} bytes; {} are read", pattern.size(), kMaxPattern));
  return Reader(pattern, where).read();
}

}  // namespace hilum
