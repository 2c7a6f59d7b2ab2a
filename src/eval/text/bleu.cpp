#include "eval/text/bleu.h"

#include <algorithm>
#include <cmath>

#include "base/replace_all.h"
#include "eval/text/ngrams.h"

namespace hilum {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Brevity penalty of sacrebleu and HF.
double brevity(const BleuCounts& counts) {
  if (counts.hypothesis_words >= counts.reference_words) return 1;
  if (counts.hypothesis_words == 0) return 0;
  return std::exp(1 - static_cast<double>(counts.reference_words) / static_cast<double>(counts.hypothesis_words));
}

// "1. " at the start of a report or behind a full stop.
std::string without_list_numbers(const std::string& text) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    size_t end = i;
    while (end < text.size() && is_digit(text[end])) ++end;
    const bool starts = out.empty() || out.ends_with(". ");
    if (starts && end > i && end - i <= 2 && end + 1 < text.size() && text[end] == '.' && text[end + 1] == ' ') {
      i = end + 2;
      continue;
    }
    out += text[i++];
  }
  return out;
}

}  // namespace

BleuCounts& BleuCounts::operator+=(const BleuCounts& other) {
  for (size_t n = 0; n < 4; ++n) {
    matches[n] += other.matches[n];
    totals[n] += other.totals[n];
  }
  hypothesis_words += other.hypothesis_words;
  reference_words += other.reference_words;
  return *this;
}

BleuCounts bleu_counts(std::span<const std::string> reference, std::span<const std::string> hypothesis) {
  BleuCounts counts;
  for (size_t n = 1; n <= 4; ++n) {
    counts.matches[n - 1] = common_ngrams(hypothesis, reference, n);
    counts.totals[n - 1] = num_ngrams(hypothesis.size(), n);
  }
  counts.hypothesis_words = static_cast<int64_t>(hypothesis.size());
  counts.reference_words = static_cast<int64_t>(reference.size());
  return counts;
}

std::vector<std::string> words_13a(std::string_view text) {
  std::string plain(text);
  replace_all(plain, "<skipped>", "");
  replace_all(plain, "-\n", "");
  std::replace(plain.begin(), plain.end(), '\n', ' ');
  replace_all(plain, "&quot;", "\"");
  replace_all(plain, "&amp;", "&");
  replace_all(plain, "&lt;", "<");
  replace_all(plain, "&gt;", ">");
  constexpr std::string_view kAlone = "{|}~[\\]^_` !\"#$%&()*+:;<=>?@/";
  plain.insert(0, 1, ' ');
  plain += ' ';
  std::string out;
  for (size_t i = 0; i < plain.size(); ++i) {
    const char c = plain[i];
    const bool after_digit = i > 0 && is_digit(plain[i - 1]),
               before_digit = i + 1 < plain.size() && is_digit(plain[i + 1]);
    const bool stop = (c == '.' || c == ',') && !(after_digit && before_digit);
    if (kAlone.find(c) != std::string_view::npos || stop || (c == '-' && after_digit)) ((out += ' ') += c) += ' ';
    else out += c;
  }
  return split_words(out);
}

std::string clean_r2gen(std::string_view report) {
  std::string text(report);
  for (char& c : text) {
    if (c == '\n') c = ' ';
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  text = without_list_numbers(text);
  while (text.find("..") != std::string::npos) replace_all(text, "..", ".");
  std::string out;
  for (size_t start = 0; start <= text.size();) {
    const size_t end = std::min(text.find(". ", start), text.size());
    std::string sentence;
    for (const char c : std::string_view(text).substr(start, end - start)) {
      constexpr std::string_view kGone = "\"/\\'.,?!*%^&_+(){}]";
      if (kGone.find(c) == std::string_view::npos && !(c >= ':' && c <= '[')) sentence += c;
    }
    sentence.erase(sentence.find_last_not_of(' ') + 1);
    sentence.erase(0, sentence.find_first_not_of(' '));
    if (!sentence.empty()) (out += out.empty() ? "" : " . ") += sentence;
    start = end + 2;
  }
  return out + " .";
}

std::array<double, 4> bleu_coco(const BleuCounts& counts) {
  std::array<double, 4> bleu{};
  const double ratio =
      (static_cast<double>(counts.hypothesis_words) + 1e-15) / (static_cast<double>(counts.reference_words) + 1e-9);
  const double penalty = ratio < 1 ? std::exp(1 - 1 / ratio) : 1;
  double product = 1;
  for (size_t n = 0; n < 4; ++n) {
    product *= (static_cast<double>(counts.matches[n]) + 1e-15) / (static_cast<double>(counts.totals[n]) + 1e-9);
    bleu[n] = penalty * std::pow(product, 1.0 / static_cast<double>(n + 1));
  }
  return bleu;
}

SacreBleu bleu_sacre(const BleuCounts& counts) {
  SacreBleu out;
  out.brevity = brevity(counts);
  const bool nothing = std::all_of(counts.matches.begin(), counts.matches.end(), [](int64_t m) { return m == 0; });
  double smoothing = 1, logs = 0;
  bool zero = nothing;
  for (size_t n = 0; n < 4 && !nothing; ++n) {
    if (counts.totals[n] == 0) {
      zero = true;
      break;
    }
    const auto total = static_cast<double>(counts.totals[n]);
    if (counts.matches[n] == 0) smoothing *= 2;
    out.precisions[n] =
        counts.matches[n] == 0 ? 100 / (smoothing * total) : 100 * static_cast<double>(counts.matches[n]) / total;
    logs += std::log(out.precisions[n]);
  }
  out.score = zero ? 0 : out.brevity * std::exp(logs / 4);
  return out;
}

double bleu_hf(const BleuCounts& counts) {
  double logs = 0;
  for (size_t n = 0; n < 4; ++n) {
    if (counts.matches[n] == 0) return 0;
    logs += std::log(static_cast<double>(counts.matches[n]) / static_cast<double>(counts.totals[n]));
  }
  return brevity(counts) * std::exp(logs / 4);
}

}  // namespace hilum
