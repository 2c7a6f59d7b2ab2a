// CheXpert-style rules: the 14 labels of a report from its text, without a parser (evaluation sheet 1.1 to 1.6). The
// phrases, the cleaning and the aggregation are the published CheXpert labeler's (Irvin et al., arXiv 1901.07031); its
// patterns over parse trees are replaced by windows of words, with rules and phrases of our own where those mislead
// (docs/evaluation.md lists them). Numbers made with these rules are called "CheXpert-style rules", never CheXpert
// labeler output.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hilum {

inline constexpr const char* kRulesName = "CheXpert-style rules";

// 1 positive, 0 negative, -1 uncertain; a label that is absent was not mentioned. Keys are the 14 CheXpert names.
using Labels = std::map<std::string, int>;

// The labels of a report in any case and layout. Text without any mention gives {"No Finding": 1}, as the published
// labeler does; callers that must tell "normal" from "empty" look at the text first.
Labels label_report(std::string_view report);

// One hit, for explaining a label.
struct LabelMention {
  std::string observation;  // a CheXpert name; "No Finding" for the phrases that only keep No Finding from being set
  std::string phrase;       // the phrase that was found
  std::string sentence;     // cleaned, lower case
  int label = 1;
  std::string rule;  // what decided, e.g. "negation before the mention"
  std::string cue;   // the word that decided; empty where none did
};

// Every mention, in the order of the text (of the phrase table within one sentence).
std::vector<LabelMention> find_mentions(std::string_view report);

// One observation's label from those of its mentions (sheet 1.5); no value: not mentioned. Throws Error for a label
// other than 1, 0, -1.
std::optional<int> aggregate_mentions(std::span<const int> mention_labels);

// All labels from mentions, with the rules for heart failure and No Finding.
Labels aggregate_report(std::span<const LabelMention> mentions);

}  // namespace hilum
