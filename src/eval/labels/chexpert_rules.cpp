#include "eval/labels/chexpert_rules.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/error.h"
#include "eval/labels/chexpert_lexicon.h"
#include "eval/labels/chexpert_stages.h"
#include "eval/labels/chexpert_text.h"

namespace hilum {
namespace {

using chexpert::Token;
using chexpert::Verdict;

// The phrases by their first two characters: a sentence is walked once.
class PhraseIndex {
 public:
  PhraseIndex() {
    const auto phrases = mention_phrases();
    for (size_t i = 0; i < phrases.size(); ++i) {
      const unsigned first = slot(phrases[i].text[0]), second = slot(phrases[i].text[1]);
      by_first_[first].push_back(static_cast<uint16_t>(i));
      follows_[first] |= 1u << second;
    }
  }

  // The phrases that may start with these two.
  std::span<const uint16_t> starting_with(char first, char second) const {
    const unsigned slot_of_first = slot(first);
    if (!(follows_[slot_of_first] >> slot(second) & 1)) return {};
    return by_first_[slot_of_first];
  }

 private:
  static unsigned slot(char c) {
    return static_cast<unsigned char>(c) & 31;
  }  // letters apart from each other; others share

  std::array<std::vector<uint16_t>, 32> by_first_;
  std::array<uint32_t, 32> follows_{};
};

bool is_unmentioned(std::string_view sentence, Observation observation, size_t begin, size_t end) {
  for (const std::string& phrase : unmention_phrases(observation)) {
    // A hit overlaps [begin, end) when it starts before end and stops behind begin.
    const size_t from = begin + 1 > phrase.size() ? begin + 1 - phrase.size() : 0;
    const std::string_view window = sentence.substr(from, std::min(sentence.size(), end - 1 + phrase.size()) - from);
    if (window.find(phrase) != std::string_view::npos) return true;
  }
  return false;
}

bool is_congestion(std::string_view phrase) {
  return phrase == "indistinctness" || phrase == "vascular congestion" || phrase == "pulmonary congestion" ||
         phrase == "vascular prominence";
}

chexpert::MentionKind kind_of(const Phrase& phrase) {
  return {.congested = is_congestion(phrase.text),
      .organ = phrase.observation == Observation::kCardiomegaly ||
               phrase.observation == Observation::kEnlargedCardiomediastinum,
      .heart = phrase.observation == Observation::kCardiomegaly,
      .lesion = phrase.observation == Observation::kLungLesion};
}

// Calls visit(phrase, sentence, tokens, verdict) for each mention.
template <typename Visit>
void visit_mentions(std::string_view report, const Visit& visit) {
  static const PhraseIndex index;
  const auto phrases = mention_phrases();
  const std::string cleaned = chexpert::clean_report(report);
  std::vector<Token> tokens;
  for (const std::string_view sentence : chexpert::split_sentences(cleaned)) {
    tokens.clear();
    for (size_t at = 0; at + 1 < sentence.size(); ++at)
      for (const uint16_t number : index.starting_with(sentence[at], sentence[at + 1])) {
        const Phrase& phrase = phrases[number];
        if (sentence.compare(at, phrase.text.size(), phrase.text) != 0) continue;
        const size_t end = at + phrase.text.size();
        if (is_unmentioned(sentence, phrase.observation, at, end)) continue;
        if (phrase.observation == Observation::kSupportDevices && !is_device_word(sentence, at, end)) continue;
        if (tokens.empty()) chexpert::tokenize(sentence, tokens);
        const auto first =
            std::partition_point(tokens.begin(), tokens.end(), [&](const Token& token) { return token.end <= at; });
        const auto last =
            std::partition_point(first, tokens.end(), [&](const Token& token) { return token.begin < end; });
        const Verdict verdict = chexpert::judge_mention(
            tokens, static_cast<int>(first - tokens.begin()), static_cast<int>(last - tokens.begin()), kind_of(phrase));
        if (verdict.label == chexpert::kSaysNothing) continue;
        visit(phrase, sentence, tokens, verdict);
      }
  }
}

// Which labels the mentions of one observation had.
constexpr unsigned kNegative = 1, kPositive = 2, kUncertain = 4;
constexpr unsigned kUnchanged = 8;  // uncertain, because only said not to have changed
using Seen = std::array<unsigned, kNumObservations>;

unsigned bit_of(int label) {
  check(label >= -1 && label <= 1, "label of a mention", std::to_string(label), "Labels are 1, 0 and -1.");
  return label == 1 ? kPositive : label == 0 ? kNegative : kUncertain;
}

std::optional<int> label_of(unsigned seen) {
  if (seen == 0) return std::nullopt;
  if (seen == kNegative) return 0;
  const bool uncertain = seen & (kUncertain | kUnchanged);
  // Negative beside uncertain is uncertain, even where positive stands too.
  if (uncertain && ((seen & kNegative) || !(seen & kPositive))) return -1;
  return 1;
}

void add_mention(Seen& seen, Observation observation, std::string_view phrase, int label, std::string_view rule) {
  seen[static_cast<size_t>(observation)] |=
      label == -1 && rule == chexpert::kUnchangedRule ? kUnchanged : bit_of(label);
  // A failing heart may be a large one.
  if (label != 0 && (phrase == "chf" || phrase == "heart failure"))
    seen[static_cast<size_t>(Observation::kCardiomegaly)] |= bit_of(-1);
}

Labels labels_of(const Seen& seen) {
  Labels labels;
  unsigned all = 0;
  for (int i = 0; i < kNumObservations; ++i) {
    if (static_cast<Observation>(i) != Observation::kSupportDevices) all |= seen[i];
    if (static_cast<Observation>(i) == Observation::kNoFinding) continue;
    if (const auto label = label_of(seen[i])) labels.emplace(kObservationNames[i], *label);
  }
  // "Stable mediastinum" is no finding in a report that denies others, and leaves it open where nothing else is said.
  const bool finding = (all & (kPositive | kUncertain)) || ((all & kUnchanged) && !(all & kNegative));
  if (!finding) labels.emplace(observation_name(Observation::kNoFinding), 1);
  return labels;
}

}  // namespace

Labels label_report(std::string_view report) {
  Seen seen{};
  visit_mentions(
      report, [&](const Phrase& phrase, std::string_view, const std::vector<Token>&, const Verdict& verdict) {
        add_mention(seen, phrase.observation, phrase.text, verdict.label, verdict.rule);
      });
  return labels_of(seen);
}

std::vector<LabelMention> find_mentions(std::string_view report) {
  std::vector<LabelMention> mentions;
  visit_mentions(report,
      [&](const Phrase& phrase, std::string_view sentence, const std::vector<Token>& tokens, const Verdict& verdict) {
        LabelMention mention{std::string(observation_name(phrase.observation)), std::string(phrase.text),
            std::string(sentence), verdict.label, verdict.rule, ""};
        if (verdict.cue >= 0)
          mention.cue = sentence.substr(tokens[verdict.cue].begin, tokens[verdict.cue].end - tokens[verdict.cue].begin);
        mentions.push_back(std::move(mention));
      });
  return mentions;
}

std::optional<int> aggregate_mentions(std::span<const int> mention_labels) {
  unsigned seen = 0;
  for (const int label : mention_labels) seen |= bit_of(label);
  return label_of(seen);
}

Labels aggregate_report(std::span<const LabelMention> mentions) {
  Seen seen{};
  for (const LabelMention& mention : mentions) {
    const auto found = std::find(kObservationNames.begin(), kObservationNames.end(), mention.observation);
    check(found != kObservationNames.end(), "mention",
        "\"" + mention.observation + "\" is none of the 14 CheXpert observations");
    add_mention(
        seen, static_cast<Observation>(found - kObservationNames.begin()), mention.phrase, mention.label, mention.rule);
  }
  return labels_of(seen);
}

}  // namespace hilum
