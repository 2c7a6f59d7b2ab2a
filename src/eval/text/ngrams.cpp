#include "eval/text/ngrams.h"

#include <algorithm>
#include <unordered_map>

namespace hilum {
namespace {

std::vector<std::string> ngrams(std::span<const std::string> words, size_t n) {
  std::vector<std::string> out;
  for (size_t i = 0; i + n <= words.size(); ++i) {
    std::string gram;
    for (size_t k = 0; k < n; ++k) (gram += words[i + k]) += '\n';  // no word holds white space
    out.push_back(std::move(gram));
  }
  return out;
}

}  // namespace

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  size_t start = 0;
  const auto add = [&](size_t end) {
    if (end > start) words.emplace_back(text.substr(start, end - start));
  };
  for (size_t i = 0; i < text.size();) {
    const size_t blank = white_space_at(text, i);
    if (blank > 0) {
      add(i);
      start = i + blank;
    }
    i += std::max<size_t>(blank, 1);
  }
  add(text.size());
  return words;
}

size_t white_space_at(std::string_view text, size_t i) {
  const auto byte = [&](size_t k) { return i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0u; };
  const unsigned a = byte(0), b = byte(1), c = byte(2);
  if (a == ' ' || (a >= 9 && a <= 13) || (a >= 0x1c && a <= 0x1f)) return 1;
  if (a == 0xc2 && (b == 0x85 || b == 0xa0)) return 2;  // NEL, no-break space
  if (a == 0xe1 && b == 0x9a && c == 0x80) return 3;    // U+1680
  if (a == 0xe2 && b == 0x80 && ((c >= 0x80 && c <= 0x8a) || c == 0xa8 || c == 0xa9 || c == 0xaf)) return 3;
  if (a == 0xe2 && b == 0x81 && c == 0x9f) return 3;   // U+205F
  return a == 0xe3 && b == 0x80 && c == 0x80 ? 3 : 0;  // U+3000
}

int64_t common_ngrams(std::span<const std::string> a, std::span<const std::string> b, size_t n) {
  std::unordered_map<std::string, int64_t> left;
  for (std::string& gram : ngrams(b, n)) ++left[std::move(gram)];
  int64_t common = 0;
  for (const std::string& gram : ngrams(a, n))
    if (const auto found = left.find(gram); found != left.end() && found->second > 0) {
      --found->second;
      ++common;
    }
  return common;
}

int64_t common_subsequence(std::span<const std::string> a, std::span<const std::string> b) {
  std::vector<int64_t> row(b.size() + 1);
  for (const std::string& word : a) {
    int64_t diagonal = 0;  // the row above, one to the left
    for (size_t j = 1; j <= b.size(); ++j) {
      const int64_t above = row[j];
      row[j] = word == b[j - 1] ? diagonal + 1 : std::max(above, row[j - 1]);
      diagonal = above;
    }
  }
  return row.back();
}

}  // namespace hilum
