// What is said of one mention: there, not there, or uncertain (evaluation sheet 1.6 points 3 to 8).
#pragma once

#include <span>

#include "eval/chexpert_text.h"

namespace hilum::chexpert {

struct Verdict {
  int label = 1;                 // 1 positive, 0 negative, -1 uncertain
  const char* rule = "no cue";   // which rule decided, for explanation
  int cue = -1;                  // the token that decided, -1: none
};

// The mention is tokens [first, last) of the sentence. `congested`: its phrase always says "uncertain" unless negated (vascular or
// pulmonary congestion, vascular prominence, indistinctness).
Verdict judge_mention(std::span<const Token> sentence, int first, int last, bool congested);

}  // namespace hilum::chexpert
