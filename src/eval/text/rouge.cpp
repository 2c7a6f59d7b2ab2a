#include "eval/text/rouge.h"

#include <algorithm>
#include <unordered_map>

#include "base/ascii.h"
#include "eval/text/ngrams.h"
#include "eval/text/porter_stemmer.h"

namespace hilum {
namespace {

using Words = std::vector<std::string>;

RougeScore score(int64_t matches, int64_t num_hypothesis, int64_t num_reference) {
  RougeScore out;
  if (matches == 0) return out;
  out.precision = static_cast<double>(matches) / static_cast<double>(num_hypothesis);
  out.recall = static_cast<double>(matches) / static_cast<double>(num_reference);
  out.f1 = 2 * out.precision * out.recall / (out.precision + out.recall);
  return out;
}

std::vector<Words> lines_of(std::string_view text, bool stem) {
  std::vector<Words> lines;
  for (const std::string_view line : split_lines(text))
    if (!line.empty()) lines.push_back(rouge_words(line, stem));
  return lines;
}

// Marks the words of `reference` on one longest common subsequence with `hypothesis`. Which one matters: from the end,
// match where equal, else to the left (an earlier hypothesis word) where that is longer, else up.
void mark_subsequence(const Words& reference, const Words& hypothesis, std::vector<bool>& marked) {
  const size_t width = hypothesis.size() + 1;
  std::vector<int64_t> table((reference.size() + 1) * width);
  for (size_t i = 1; i <= reference.size(); ++i)
    for (size_t j = 1; j < width; ++j)
      table[i * width + j] = reference[i - 1] == hypothesis[j - 1]
                                 ? table[(i - 1) * width + j - 1] + 1
                                 : std::max(table[(i - 1) * width + j], table[i * width + j - 1]);
  for (size_t i = reference.size(), j = hypothesis.size(); i > 0 && j > 0;) {
    if (reference[i - 1] == hypothesis[j - 1]) {
      marked[i - 1] = true;
      --i;
      --j;
    } else if (table[i * width + j - 1] > table[(i - 1) * width + j]) {
      --j;
    } else {
      --i;
    }
  }
}

RougeScore rouge_lsum(std::string_view reference_text, std::string_view hypothesis_text, bool stem) {
  const std::vector<Words> reference = lines_of(reference_text, stem), hypothesis = lines_of(hypothesis_text, stem);
  std::unordered_map<std::string, int64_t> left_reference, left_hypothesis;
  int64_t num_reference = 0, num_hypothesis = 0, hits = 0;
  for (const Words& line : reference)
    for (const std::string& word : line) {
      ++left_reference[word];
      ++num_reference;
    }
  for (const Words& line : hypothesis)
    for (const std::string& word : line) {
      ++left_hypothesis[word];
      ++num_hypothesis;
    }
  for (const Words& line : reference) {
    std::vector<bool> marked(line.size());
    for (const Words& other : hypothesis) mark_subsequence(line, other, marked);
    for (size_t i = 0; i < line.size(); ++i)
      if (marked[i] && left_reference[line[i]] > 0 && left_hypothesis[line[i]] > 0) {
        ++hits;
        --left_reference[line[i]];
        --left_hypothesis[line[i]];
      }
  }
  return score(hits, num_hypothesis, num_reference);
}

}  // namespace

std::vector<std::string> rouge_words(std::string_view text, bool stem) {
  std::string plain(text);
  for (char& c : plain) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    else if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) c = ' ';
  }
  Words words = split_words(plain);
  if (stem)
    for (std::string& word : words)
      if (word.size() > 3) word = porter_stem(word);
  return words;
}

RougeScore rouge_n(std::span<const std::string> reference, std::span<const std::string> hypothesis, size_t n) {
  return score(
      common_ngrams(hypothesis, reference, n), num_ngrams(hypothesis.size(), n), num_ngrams(reference.size(), n));
}

RougeScore rouge_l(std::span<const std::string> reference, std::span<const std::string> hypothesis) {
  return score(common_subsequence(reference, hypothesis), static_cast<int64_t>(hypothesis.size()),
      static_cast<int64_t>(reference.size()));
}

RougeScores rouge(std::string_view reference, std::string_view hypothesis, bool stem) {
  const Words wanted = rouge_words(reference, stem), said = rouge_words(hypothesis, stem);
  return {rouge_n(wanted, said, 1), rouge_n(wanted, said, 2), rouge_l(wanted, said),
      rouge_lsum(reference, hypothesis, stem)};
}

double coco_rouge_l(std::string_view reference, std::string_view hypothesis) {
  const auto split = [](std::string_view text) {  // two blanks in a row make an empty word
    Words words(1);
    for (const char c : text) {
      if (c == ' ') words.emplace_back();
      else words.back() += c;
    }
    return words;
  };
  const Words wanted = split(reference), said = split(hypothesis);
  const auto common = static_cast<double>(common_subsequence(wanted, said));
  const double p = common / static_cast<double>(said.size()), r = common / static_cast<double>(wanted.size());
  constexpr double kBeta2 = 1.2 * 1.2;
  return p > 0 && r > 0 ? (1 + kBeta2) * p * r / (r + kBeta2 * p) : 0;
}

}  // namespace hilum
