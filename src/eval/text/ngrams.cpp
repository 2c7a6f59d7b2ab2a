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
  std::string word;
  for (const char c : text) {
    if (c == ' ' || (c >= '\t' && c <= '\r')) {
      if (!word.empty()) words.push_back(std::move(word));
      word.clear();
    } else {
      word += c;
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
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
