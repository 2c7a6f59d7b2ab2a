// What is said of one mention: there, not there, or uncertain (evaluation sheet 1.6 points 3 to 8).
#pragma once

#include <span>

#include "eval/labels/chexpert_text.h"

namespace hilum::chexpert {

struct Verdict {
  int label = 1;                // 1 positive, 0 negative, -1 uncertain, kSaysNothing
  const char* rule = "no cue";  // which rule decided, for explanation
  int cue = -1;                 // the token that decided, -1: none
};

// The label of a mention that says nothing of its observation ("the heart has not changed" is no statement on its
// size): it is dropped.
inline constexpr int kSaysNothing = 2;

// The rule of a mediastinum that is only said not to have changed: it withholds No Finding only where nothing else is
// denied.
inline constexpr const char* kUnchangedRule = "unchanged";

struct MentionKind {
  // The phrase always says "uncertain" unless negated: vascular or pulmonary congestion, vascular prominence,
  // indistinctness.
  bool congested = false;
  bool organ = false;   // the phrase names an organ, "heart size": a finding only beside a word such as "enlarged"
  bool heart = false;   // Cardiomegaly
  bool lesion = false;  // Lung Lesion: one explained as a nipple is none
};

// The mention is tokens [first, last) of the sentence.
Verdict judge_mention(std::span<const Token> sentence, int first, int last, const MentionKind& kind);

}  // namespace hilum::chexpert
