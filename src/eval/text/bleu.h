// BLEU in the three forms reports are published with (evaluation sheet 4.3). They differ in words, smoothing and scale:
// print kBleu...Name beside every number.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hilum {

inline constexpr const char* kBleuCocoName = "BLEU as pycocoevalcap, R2Gen cleaning (0-1)";
inline constexpr const char* kBleuSacreName = "BLEU as sacrebleu, 13a words, exponential smoothing (0-100)";
inline constexpr const char* kBleuHfName = "BLEU as HF evaluate, 13a words, no smoothing (0-1)";

// What BLEU is made of; a corpus adds its pairs' counts.
struct BleuCounts {
  std::array<int64_t, 4> matches{}, totals{};  // n-grams of 1 to 4 words, clipped; of the hypothesis
  int64_t hypothesis_words = 0, reference_words = 0;
  BleuCounts& operator+=(const BleuCounts& other);
};
BleuCounts bleu_counts(std::span<const std::string> reference, std::span<const std::string> hypothesis);

// Words of sacrebleu's and HF's "13a" tokenizer; case is kept.
std::vector<std::string> words_13a(std::string_view text);

// The R2Gen line's cleaning as its own code does it: list numbers 1 to 5 and most signs gone, lower case (ASCII),
// sentences, empty ones too, joined by " . ", ending " .".
std::string clean_r2gen(std::string_view report);

// BLEU-1 to 4 in 0..1 (pycocoevalcap; tiny constants instead of smoothing). Words: split_words() of cleaned text.
std::array<double, 4> bleu_coco(const BleuCounts& counts);

struct SacreBleu {
  double score = 0;                    // 0..100
  std::array<double, 4> precisions{};  // 0..100, smoothed
  double brevity = 0;
};
SacreBleu bleu_sacre(const BleuCounts& counts);  // words_13a
double bleu_hf(const BleuCounts& counts);        // words_13a; 0..1, no smoothing

}  // namespace hilum
