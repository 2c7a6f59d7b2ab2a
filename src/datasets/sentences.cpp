#include "datasets/sentences.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "datasets/collector.h"

namespace hilum {
namespace {

bool is_letter_or_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

bool is_abbreviation(std::string_view word) {
  constexpr std::array<std::string_view, 10> kKnown = {
      "dr", "mr", "mrs", "ms", "vs", "e.g", "i.e", "approx", "st", "cf"};
  while (!word.empty() && (word.front() == '(' || word.front() == '"')) word.remove_prefix(1);
  return std::find(kKnown.begin(), kKnown.end(), lower_ascii(word)) != kKnown.end();
}

}  // namespace

std::string single_spaced(std::string_view text) {
  std::string out;
  bool blank = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool no_break = c == '\xc2' && i + 1 < text.size() && text[i + 1] == '\xa0';
    if (no_break) ++i;
    if (no_break || c == ' ' || (c >= '\t' && c <= '\r')) {
      blank = true;
      continue;
    }
    if (blank && !out.empty()) out += ' ';
    blank = false;
    out += c;
  }
  return out;
}

std::vector<std::string> split_sentences(std::string_view text, bool end_marks) {
  std::vector<std::string> sentences;
  const auto add = [&](size_t from, size_t end, size_t mark) {
    if (const auto sentence = trim_ascii(text.substr(from, end - from + (end_marks ? mark : 0))); !sentence.empty())
      sentences.emplace_back(sentence);
  };
  size_t from = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c != '.' && c != '!' && c != '?') continue;
    if (i + 1 < text.size()) {
      if (text[i + 1] != ' ' || i + 2 >= text.size()) continue;
      const char next = text[i + 2];
      if (!((next >= 'A' && next <= 'Z') || (next >= '0' && next <= '9') || next == '_' || next == '(' || next == '"'))
        continue;
    }
    const size_t word = text.find_last_of(' ', i);
    if (i + 1 < text.size() && c == '.' &&
        is_abbreviation(text.substr(
            word == std::string_view::npos ? 0 : word + 1, i - (word == std::string_view::npos ? 0 : word + 1))))
      continue;
    add(from, i, 1);
    from = i + 1;
  }
  if (from < text.size()) add(from, text.size(), 0);
  return sentences;
}

int count_words(std::string_view text) {
  int words = 0;
  bool counted = false;
  for (const char c : text) {
    if (c == ' ' || (c >= '\t' && c <= '\r')) counted = false;
    else if (!counted && is_letter_or_digit(c)) {
      counted = true;
      ++words;
    }
  }
  return words;
}

}  // namespace hilum
