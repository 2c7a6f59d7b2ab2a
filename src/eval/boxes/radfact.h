// RadFact's scores of judged phrases (evaluation sheet 5.2; microsoft/RadFact): which phrases the other report entails,
// and whether their boxes lie in the boxes of the evidence. The published judge is a language model, whose recorded
// verdicts radfact_verdicts.h reads; the one here knows equal sentences only, and is named.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "report/report.h"

namespace hilum {

inline constexpr const char* kRadFactExactName =
    "RadFact with equal sentences as the judge (no language model), pixel masks 224 px, mean over studies";

struct JudgedPhrase {
  std::string text;
  std::optional<std::vector<BoxNorm>> boxes;  // no value: the phrase has none
  bool entailed = false;
  std::vector<size_t> evidence;  // phrases of the other report
};

// Of one report's phrases against the other's. No value where the denominator is 0.
struct RadFactOneWay {
  int64_t phrases = 0, entailed = 0, boxed = 0, entailed_boxed = 0, spatial = 0;
  std::optional<double> logical() const;  // entailed / phrases
  std::optional<double> spatially()
      const;  // entailed, and more than half of the own boxes' pixels in the evidence's boxes / with boxes
  std::optional<double> grounding() const;  // likewise / entailed with boxes
};
// Throws Error for evidence past the end, or an entailed phrase without evidence.
RadFactOneWay radfact_one_way(std::span<const JudgedPhrase> phrases, std::span<const JudgedPhrase> other);

// Candidate phrases give precision, reference phrases recall.
struct RadFactStudy {
  RadFactOneWay candidate, reference;
};

struct RadFactPair {
  double precision = 0, recall = 0, f1 = 0;  // NaN: not defined
};
// Each value averaged over the studies at `which` that define it; F1 of the averages.
struct RadFactScores {
  RadFactPair logical, spatial, grounding;
};
RadFactScores radfact_scores(std::span<const RadFactStudy> studies, std::span<const uint32_t> which);

// Lower case, trimmed, blanks collapsed, "-", en and em dash deleted, one final . : ! ? dropped: what evidence is
// matched by.
std::string radfact_normal(std::string_view text);
// The phrase that evidence quotes: the first equal one once normalised, else the one with the longest common substring.
// No value for no phrase.
std::optional<size_t> radfact_evidence(std::string_view evidence, std::span<const std::string> phrases);

// The findings, not judged yet. Boxes that are not valid are left out.
std::vector<JudgedPhrase> radfact_phrases(std::span<const Finding> findings);

// A phrase is entailed by a phrase that is equal once normalised.
RadFactStudy radfact_exact(std::span<const Finding> candidate, std::span<const Finding> reference);

}  // namespace hilum
