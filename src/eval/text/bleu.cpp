#include "eval/text/bleu.h"

#include <algorithm>
#include <cmath>

#include "base/ascii.h"
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

// One pass of a rule of the 13a tokenizer: every stop or comma that `before` and `after` it allow is parted from its
// neighbours, and a character that one match has used is not used by the next, as in a substitution by a pattern.
std::string part_stops(const std::string& text, bool looks_before) {
  const auto is_stop = [](char c) { return c == '.' || c == ','; };
  std::string out;
  for (size_t i = 0; i < text.size();) {
    const bool pair = i + 1 < text.size();
    if (looks_before && pair && !is_digit(text[i]) && is_stop(text[i + 1])) {
      (((out += text[i]) += ' ') += text[i + 1]) += ' ';
      i += 2;
    } else if (!looks_before && pair && is_stop(text[i]) && !is_digit(text[i + 1])) {
      (((out += ' ') += text[i]) += ' ') += text[i + 1];
      i += 2;
    } else {
      out += text[i++];
    }
  }
  return out;
}

std::string_view stripped(std::string_view text) {
  while (!text.empty() && white_space_at(text, 0) > 0) text.remove_prefix(white_space_at(text, 0));
  for (size_t length = 1; length <= 3 && length <= text.size();)
    if (white_space_at(text, text.size() - length) == length) {
      text.remove_suffix(length);
      length = 1;
    } else {
      ++length;
    }
  return text;
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
  std::string parted = " ";
  for (const char c : plain) {
    if (kAlone.find(c) != std::string_view::npos) ((parted += ' ') += c) += ' ';
    else parted += c;
  }
  parted = part_stops(part_stops(parted + " ", true), false);
  std::string out;
  for (size_t i = 0; i < parted.size(); ++i) {
    if (parted[i] == '-' && i > 0 && is_digit(parted[i - 1])) out += " - ";
    else out += parted[i];
  }
  return split_words(out);
}

std::string clean_r2gen(std::string_view report) {
  // Each rule as often and in the order that the original applies it (clean_report_mimic_cxr of R2Gen's
  // modules/tokenizers.py): "1. " goes wherever it stands, " 2. " to " 5. " become ". ".
  struct Rule {
    const char *from, *to;
    int times;
  };
  static constexpr Rule kRules[] = {{"\n", " ", 1}, {"__", "_", 7}, {"  ", " ", 6}, {"..", ".", 8}, {"1. ", "", 1},
      {". 2. ", ". ", 1}, {". 3. ", ". ", 1}, {". 4. ", ". ", 1}, {". 5. ", ". ", 1}, {" 2. ", ". ", 1},
      {" 3. ", ". ", 1}, {" 4. ", ". ", 1}, {" 5. ", ". ", 1}};
  std::string text(report);
  for (const Rule& rule : kRules)
    for (int i = 0; i < rule.times; ++i) replace_all(text, rule.from, rule.to);
  text = lower_ascii(stripped(text));
  std::string out;
  for (size_t start = 0;;) {
    const size_t end = std::min(text.find(". ", start), text.size());
    std::string sentence;
    for (const char c : text.substr(start, end - start))
      if (std::string_view("\"/\\'").find(c) == std::string_view::npos) sentence += c;
    for (const char c : stripped(sentence)) {  // signs go behind the strip, so that a blank before one stays
      constexpr std::string_view kGone = ".,?!*%^&_+(){}]";
      if (kGone.find(c) == std::string_view::npos && !(c >= ':' && c <= '[')) out += c;
    }
    if (end == text.size()) return out + " .";
    out += " . ";
    start = end + 2;
  }
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
