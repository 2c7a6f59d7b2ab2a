// ROUGE-1, -2, -L and -Lsum as google's rouge_score computes them (evaluation sheet 4.1), and the ROUGE-L of
// pycocoevalcap (4.4).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hilum {

inline constexpr const char* kRougeName = "ROUGE F1 as google rouge_score, no stemming, mean over studies";
inline constexpr const char* kRougeStemName = "ROUGE F1 as google rouge_score, Porter stemming, mean over studies";
inline constexpr const char* kRougeCocoName = "ROUGE-L as pycocoevalcap, R2Gen cleaning, beta 1.2, mean over studies";

struct RougeScore {
  double precision = 0, recall = 0, f1 = 0;
};

struct RougeScores {
  RougeScore rouge1, rouge2, rouge_l, rouge_lsum;
};

// Lower case, runs of anything but [a-z0-9] separate; with `stem`, words of more than 3 characters are Porter-stemmed.
std::vector<std::string> rouge_words(std::string_view text, bool stem);

// ROUGE-N and ROUGE-L of words that rouge_words() gave.
RougeScore rouge_n(std::span<const std::string> reference, std::span<const std::string> hypothesis, size_t n);
RougeScore rouge_l(std::span<const std::string> reference, std::span<const std::string> hypothesis);

// All of them. `stem`: vilmedic and RadEval stem; HF evaluate and LLaVA-Rad do not. A corpus score is the mean of f1
// over pairs.
RougeScores rouge(std::string_view reference, std::string_view hypothesis, bool stem = false);

// Words are what single blanks separate, beta 1.2; used after the R2Gen line's cleaning.
double coco_rouge_l(std::string_view reference, std::string_view hypothesis);

}  // namespace hilum
