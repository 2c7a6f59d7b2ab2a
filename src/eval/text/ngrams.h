// Counting n-grams of words, for ROUGE and BLEU.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hilum {

// The words of a text separated by white space, Unicode's too, as Python's split() has it.
std::vector<std::string> split_words(std::string_view text);
// Bytes of the white space character (UTF-8) at i; 0: there is none.
size_t white_space_at(std::string_view text, size_t i);

// How many n-grams of `a` are also in `b`, each as often as both have it (clipped counts).
int64_t common_ngrams(std::span<const std::string> a, std::span<const std::string> b, size_t n);

// How many n-grams a text of `num_words` has.
inline int64_t num_ngrams(size_t num_words, size_t n) {
  return num_words >= n ? static_cast<int64_t>(num_words - n + 1) : 0;
}

// Length of the longest common subsequence.
int64_t common_subsequence(std::span<const std::string> a, std::span<const std::string> b);

}  // namespace hilum
