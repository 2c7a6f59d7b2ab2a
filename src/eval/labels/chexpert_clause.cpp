#include "eval/labels/chexpert_clause.h"

#include <algorithm>

namespace hilum::chexpert {
namespace {

constexpr uint64_t kVerb = kSingularVerb | kPluralVerb;
constexpr int kLongestSubject = 40, kLongestPredicate = 10;

// What a verb before the mention is done with: "the heart is normal, X and Y have cleared".
constexpr uint64_t kPredicateWord = kRightNegation | kNormal | kUnchanged | kNotThere | kNotSeen | kNotJudged;

bool ends_in_gone(const Clause& clause, int i) {
  return clause.has(i, kGone) && (i + 1 >= clause.end || clause.has(i + 1, kBehindGone) || clause.is(i + 1, kComma));
}

// A verb before the mention has the mention as its object or in its predicate: "there is X".
bool governed_from_left(const Clause& clause) {
  bool joint = false;
  for (int i = clause.first - 1; i >= clause.begin && !clause.has(i, kColon); --i) {
    if (joint && (clause.is(i, kPredicateWord) || clause.has(i, kGone))) return false;
    if (clause.has(i, kVerb | kOtherVerb)) return true;
    if (clause.joins_sentence(i)) return false;
    joint = joint || clause.is(i, kComma | kAnd);
  }
  return false;
}

// The verb whose subject the mention is, alone or in a list; -1 without one. `item` is where the last member begins.
int verb_of_subject(const Clause& clause, int& item) {
  bool list = false, open_comma = false, or_list = false, preposition = false;
  item = clause.last;
  for (int i = clause.last; i < std::min(clause.end, clause.last + kLongestSubject); ++i) {
    if (clause.has(i, kVerb) || ends_in_gone(clause, i)) {
      if (open_comma && !clause.is(i - 1, kComma)) return -1;  // "a nodule, CT should be considered" is no list
      // "opacity at the base and pneumonia has cleared": one verb in the singular is of the last alone
      if (list && clause.has(i, kSingularVerb) && preposition && !or_list) return -1;
      return i;
    }
    if (clause.has(i, kRelative | kOtherVerb)) return -1;
    preposition = preposition || clause.has(i, kPreposition);
    if (clause.is(i, kComma)) {
      open_comma = true;
    } else if (clause.is(i, kAnd | kOr) || clause.has(i, kNor)) {
      open_comma = false;
      list = true;
      or_list = or_list || !clause.is(i, kAnd);
    } else {
      continue;
    }
    item = i + 1;
  }
  return -1;
}

// "with X in the differential", "X another consideration": no verb before it.
Said considered_without_verb(const Clause& clause) {
  for (int i = clause.last; i < clause.end; ++i) {
    if (clause.has(i, kVerb | kOtherVerb | kRelative | kIncludes) || clause.is(i, kWith)) return {};
    if (clause.has(i, kConsideration) && clause.has(i - 1, kAnother)) return Said{-1, "a consideration", i};
    if (clause.has(i, kIn))
      for (int j = i + 1; j <= i + 4; ++j)
        if (clause.has(j, kDifferential)) return Said{-1, "in the differential", j};
  }
  return {};
}

// Behind a negation at i: "no longer", "not seen", "not judged".
Said denied(const Clause& clause, int i) {
  for (int j = i + 1; j <= i + 3; ++j) {
    if (clause.is(j, kNotThere)) return Said{0, "predicate of a list", j};
    if (clause.is(j, kNotSeen)) return Said{clause.is(j - 1, kClearly) ? -1 : 0, "predicate of a list", j};
    if (clause.is(j, kNotJudged)) return Said{-1, "not judged", j};
  }
  return {};
}

}  // namespace

Clause::Clause(std::span<const Token> sentence, int first_token, int last_token)
    : tokens(sentence), first(first_token), last(last_token), begin(first_token), end(last_token) {
  while (begin > 0 && !(tokens[begin - 1].classes & kClauseBreak)) --begin;
  while (end < static_cast<int>(tokens.size()) && !(tokens[end].classes & kClauseBreak)) ++end;
}

bool Clause::joins_sentence(int i) const {
  if (!is(i, kAnd) || has(i + 1, kVerb | kGone | kPartly) || is(i + 1, kFiniteVerb)) return false;
  for (int j = i + 2; j <= i + 8; ++j) {
    if (is(j, kComma)) return false;
    if (has(j, kVerb | kOtherVerb) || ends_in_gone(*this, j)) return true;
  }
  return false;
}

Said said_of_subject(const Clause& clause) {
  if (governed_from_left(clause)) return considered_without_verb(clause);
  int item = 0;
  const int verb = verb_of_subject(clause, item);
  if (verb < 0) return considered_without_verb(clause);
  const bool modal = clause.is(verb, kModal);
  if (clause.has(verb, kGone)) return Said{0, "predicate of a list", verb};
  bool partly = false, negated = false;
  for (int i = verb + 1; i <= verb + kLongestPredicate && clause.inside(i); ++i) {
    if (clause.is(i, kComma) || clause.joins_sentence(i)) break;
    partly = partly || clause.has(i, kPartly);
    if (clause.has(i, kGone)) return Said{partly ? 1 : modal ? -1 : 0, partly ? "not gone" : "predicate of a list", i};
    if (clause.is(i, kNo | kNot)) {
      negated = true;
      if (const Said found = denied(clause, i); found.any()) return modal ? Said() : found;
    }
    if (!clause.has(i, kConsideration | kDifferential | kConsidered)) continue;
    for (int j = item; j < verb; ++j)
      if (clause.has(j, kExamination)) return {};  // "CT should be considered"
    return Said{negated ? 0 : -1, "a consideration", i};
  }
  return {};
}

std::optional<int> doubt_before_list(const Clause& clause) {
  const auto is = [&](int i, uint64_t classes) { return i >= 0 && (clause.tokens[i].classes & classes); };
  const auto has = [&](int i, uint64_t roles) { return i >= 0 && (clause.tokens[i].roles & roles); };
  const auto within = [&](int i, int reach, uint64_t roles) {  // the nearest of up to `reach` tokens before i
    for (int j = i - 1; j >= 0 && j >= i - reach && !has(j, kHardBreak); --j)
      if (has(j, roles)) return j;
    return -1;
  };
  for (int i = clause.first - 1; i >= 0 && !has(i, kHardBreak); --i) {
    if (has(i, kIncludes | kColon))
      if (const int at = within(i, 30, kPossibilities); at >= 0) return at;
    if (is(i, kFor))
      if (const int at = within(i, 5, kCorrelate); at >= 0 && !is(at + 1, kWith)) return at;
    if (has(i, kCompatible)) {
      int j = i - 1;
      while (has(j, kAlso)) --j;
      if (is(j, kCan)) return j;
    }
    if (has(i, kVerb)) {
      const int at = within(i, 3, kPossibilities);
      if (at >= 0 && within(at, 2, kIn) < 0) return at;  // "in the differential is" has another subject
      if (!is(i, kModal) && !is(i, kCan)) break;         // a new subject and its verb
    }
  }
  return {};
}

bool gone_as_predicate(const Clause& clause, int i) {
  if (!clause.has(i, kGone) || clause.is(i + 1, kOf)) return false;
  if (clause.is(i + 1, kAnd | kComma) || clause.has(i + 1, kBehindGone)) return true;
  for (int j = i - 1; j >= i - 3; --j)
    if (clause.has(j, kVerb)) return !clause.has(j - 1, kThere);
  return false;
}

}  // namespace hilum::chexpert
