// One summary of a report, as XrayGPT trains on: comparisons, masks and views taken out, findings and impression in one
// text. By rules, no model.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hilum {

enum class SummaryMode { kSoft, kStrict };  // soft drops references to earlier studies, strict every word of change too

// Step N: single blanks, "x-XXXX" is "x-ray", list markers away.
std::string normalised_section(std::string_view text);

struct DroppedSentence {
  std::string rule, sentence;
};

struct Summary {
  std::string text;                      // empty: `why` says why there is none
  std::string why;                       // "missing_section", "findings_short", "impression_short", "empty_after_clean"
  std::vector<DroppedSentence> dropped;  // what the rules took out whole, for the log
};

struct SummaryLimits {
  int findings_words = 10, impression_words = 2;  // fewer: no summary
};

// Why the sections of a report are too little for a summary: "missing_section", "findings_short", "impression_short";
// empty where they are enough.
std::string too_little(std::string_view findings, std::string_view impression, const SummaryLimits& limits = {});

Summary summarise(
    std::string_view findings, std::string_view impression, SummaryMode mode, const SummaryLimits& limits = {});

}  // namespace hilum
