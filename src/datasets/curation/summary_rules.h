// The rules that turn findings and impression into one summary without words about earlier studies, masks and views
// (XrayGPT's curation, replaced by rules: docs/datasets.md). Data; summary.cpp applies them.
#pragma once

#include <string>
#include <vector>

namespace hilum {

struct SentenceRule {
  enum class Kind {
    kDrop,           // the sentence goes when `pattern` is found
    kDropBoth,       // ... when `pattern` and `also` are found
    kReplace,        // every match becomes `with`
    kReplaceRepeat,  // ... again until nothing changes
    kThereIs,        // a match of the whole sentence becomes "There is " and its group 1, first letter small
    kDropClauses,    // parts after ", " that begin as `pattern` says and hold `also` go
    kDropShort,      // the sentence goes when it has fewer than 2 words
    kTidy,           // blanks and stray punctuation
  };
  const char* id;  // of the sheet: "D1", "V3", ...
  Kind kind;
  std::string pattern = "", with = "", also = "";
  bool strict_only = false;
  bool masked_only = false;  // only for sentences that hold a mask ("___", "XXXX")
};

// In the order they are applied to a sentence.
const std::vector<SentenceRule>& summary_rules();

// Patterns of normalisation and of the wording of the summary.
extern const char* const kMaskedXray;  // "x-XXXX"
extern const char* const kListMarker;  // "1. ", "2) "
extern const char* const kFiniteVerb;
extern const char* const kAnatomyFirst;                // subjects that get "The"
extern const char* const kAdviceFirst;                 // advice stands as it is
extern const std::vector<std::string> kSingularNouns;  // that get "a" or "an"

}  // namespace hilum
