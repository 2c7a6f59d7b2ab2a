#include "engine/annotate/stated_finding.h"

#include <map>
#include <vector>

#include "base/replace_all.h"
#include "engine/annotate/named_side.h"
#include "eval/labels/chexpert_rules.h"

namespace hilum {
namespace {

// The sides named in the clause that holds the phrase: "Opacity, the left lung is clear" says no side of the opacity.
FindingSide side_in(const std::string& sentence, const std::string& phrase) {
  std::string clauses = sentence;
  for (const char* word : {" but ", " while ", " with ", " without ", " no "})
    replace_all(clauses, word, std::string(";") + word);
  const size_t at = clauses.find(phrase);
  if (at == std::string::npos) return FindingSide::kNotSaid;
  const size_t begin = clauses.find_last_of(",;:.", at);
  const size_t end = clauses.find_first_of(",;:.", at);
  const std::string clause =
      clauses.substr(begin == std::string::npos ? 0 : begin + 1, end == std::string::npos ? end : end - (begin + 1));
  return named_side(clause);
}

bool is_platelike(const std::string& sentence) {
  return sentence.find("platelike") != std::string::npos || sentence.find("plate-like") != std::string::npos ||
         sentence.find("plate like") != std::string::npos;
}

}  // namespace

std::optional<StatedFinding> stated_finding(const std::string& sentence) {
  std::map<std::string, std::vector<LabelMention>> by_observation;
  for (LabelMention& mention : find_mentions(sentence)) {
    if (mention.observation == "No Finding") continue;
    if (mention.phrase == "plate" && is_platelike(mention.sentence)) continue;  // the rules take it for a device
    by_observation[mention.observation].push_back(std::move(mention));
  }
  const std::vector<LabelMention>* present = nullptr;
  for (const auto& [observation, mentions] : by_observation) {
    std::vector<int> labels;
    for (const LabelMention& mention : mentions) labels.push_back(mention.label);
    const auto label = aggregate_mentions(labels);
    if (label == 0) continue;
    if (label == -1 || present) return std::nullopt;
    present = &mentions;
  }
  if (!present) return std::nullopt;
  std::string words;  // of the sentences that state it; a finding may hold several
  std::optional<FindingSide> side;
  for (const LabelMention& mention : *present) {
    if (mention.label != 1) continue;
    if (words.find(mention.sentence) == std::string::npos) words += mention.sentence + "\n";
    const FindingSide here = side_in(mention.sentence, mention.phrase);
    side = !side || *side == here ? here : FindingSide::kNotSaid;
  }
  const FindingCode* code = find_finding_code(present->front().observation, words);
  if (!code) return std::nullopt;
  return StatedFinding{code, side.value_or(FindingSide::kNotSaid)};
}

}  // namespace hilum
