#include "eval/labels/chexpert_stages.h"

#include <algorithm>
#include <optional>

#include "eval/labels/chexpert_clause.h"
#include "eval/labels/chexpert_words.h"

namespace hilum::chexpert {
namespace {

// One mention in its clause. Positions outside the clause have no classes, so every rule ends at the clause by itself.
class Judge {
 public:
  Judge(std::span<const Token> sentence, int first, int last)
      : clause_(sentence, first, last), first_(first), last_(last), begin_(clause_.begin), end_(clause_.end) {
    for (int i = first; i < last; ++i) neutral_ = neutral_ || (sentence[i].classes & kNeutral);
  }

  Verdict verdict(const MentionKind& kind) const {
    if (const auto found = cannot_exclude()) return *found;
    const Said said = neutral_ ? Said() : said_of_subject(clause_);
    if (const auto found = negated_from_left()) {
      if (said.any() && said.cue != found->cue && clause_.has(found->cue, kNor) && clause_.has(said.cue, kGone))
        return {1, "neither has gone", said.cue};
      return *found;
    }
    if (said.any() && clause_.has(said.cue, kGone)) return {said.label, said.rule, said.cue};
    if (const auto found = negated_right_behind()) return *found;
    if (const auto found = negated_by_predicate()) return *found;
    if (said.any() && said.label == 0) return {said.label, said.rule, said.cue};
    if (kind.congested) return {-1, "congestion", -1};
    if (kind.organ && neutral_)
      if (const auto found = organ_without_finding(kind.heart)) return *found;
    if (const auto found = hypothetical()) return *found;
    if (kind.lesion)
      if (const auto found = explained_away()) return *found;
    if (const auto found = hedged_left()) return *found;
    if (const auto found = alternative()) return *found;
    if (const auto found = hedged_right()) return *found;
    if (said.any()) return {said.label, said.rule, said.cue};
    if (const auto cue = doubt_before_list(clause_)) return {-1, "doubt before a list", *cue};
    return {};
  }

 private:
  using Found = std::optional<Verdict>;

  bool inside(int i) const { return clause_.inside(i); }
  bool is(int i, uint64_t classes) const { return clause_.is(i, classes); }

  // Stage A: "cannot entirely exclude", "can not be ruled out", "is not excluded".
  Found cannot_exclude() const {
    const auto excluded = [&](int i, bool past_tense) {
      return is(i, past_tense ? kExcluded : kExclude) || (is(i, past_tense ? kRuled : kRule) && is(i + 1, kOut));
    };
    for (int i = begin_; i < end_; ++i) {
      int next = -1;
      if (is(i, kCannot)) next = i + 1;
      else if (is(i, kCan) && is(i + 1, kNot)) next = i + 2;
      if (next >= 0) {
        if (is(next, kBe)) ++next;
        if (is(next, kDegree)) ++next;
        if (excluded(next, false)) return Verdict{-1, "cannot exclude", i};
      }
      if (is(i, kNot))
        for (int j = i + 1; j <= i + 3; ++j)
          if (excluded(j, true)) return Verdict{-1, "not excluded", i};
    }
    return {};
  }

  // Does a negation of what follows start at i?
  bool negation_at(int i) const {
    return is(i, kNegation) || (is(i, kNegationWithOf) && is(i + 1, kOf)) ||
           (is(i, kNegationWithFrom) && is(i + 1, kFrom)) || (is(i, kNegationWithFor) && is(i + 1, kFor)) ||
           (is(i, kNegationWithOut) && is(i + 1, kOut)) || (is(i, kRather) && is(i + 1, kThan));
  }

  // Stage B to the left: only the nearest trigger counts.
  Found negated_from_left() const {
    for (int i = first_ - 1; i >= std::max(begin_, first_ - 24); --i) {
      if (is(i, kNormal)) {
        if (!neutral_ && is(i + 1, kComma | kAnd)) return {};  // "the heart is normal and X"
        if (first_ - i > (neutral_ ? 7 : 3)) return {};
        return Verdict{0, "normal before the mention", i};
      }
      if (gone_as_predicate(clause_, i)) return {};
      if (negation_at(i)) {
        if (keeps_what_was(i)) return {};
        if (is(i, kNo) && (is(i + 1, kNew) || is(i + 2, kNew))) return Verdict{-1, "no new", i};
        return Verdict{0, "negation before the mention", i};
      }
      if (is(i, kLeftBarrier)) {
        int before = i;  // "nor is there X"
        while (is(before, kLeftBarrier)) --before;
        if (clause_.has(before, kNor)) return Verdict{0, "negation before the mention", before};
        if (is(i, kCanBeNot) && is(i - 1, kNot)) return Verdict{0, "negation before the mention", i - 1};
        return {};
      }
    }
    return {};
  }

  // "no change in the nodule", "without significant interval change of ...": it is there.
  bool keeps_what_was(int i) const {
    if (!is(i, kNo | kWithout)) return false;
    for (int j = i + 1; j <= i + 3 && j < first_; ++j)
      if (is(j, kChange)) return true;
    return false;
  }

  // Stage B to the right, (a).
  Found negated_right_behind() const {
    for (int i = last_; i < last_ + 3; ++i) {
      if (is(i, kRightNegation)) return Verdict{0, "negation behind the mention", i};
      if (is(i, kComma | kAnd | kWith | kRightBarrier) || clause_.has(i, kPartly)) break;
    }
    return {};
  }

  bool within_normal(int i, uint64_t lead) const {
    if (!is(i, lead)) return false;
    for (int j = i + 1; j <= i + 4; ++j)
      if (is(j, kNormalWord)) return true;
    return false;
  }

  // Stage B to the right, (b) with a verb, (c) without one.
  Found negated_by_predicate() const {
    if (neutral_)
      if (const auto found = normal_without_verb()) return found;
    int verb = -1;
    for (int i = last_; i < std::min(end_, last_ + (neutral_ ? 12 : 4)) && verb < 0; ++i) {
      if (is(i, kFiniteVerb)) verb = i;
      else if (!neutral_ && is(i, kComma | kAnd | kWith | kOr)) break;
    }
    return verb >= 0 ? negated_behind_verb(verb) : Found();
  }

  Found normal_without_verb() const {
    for (int i = last_; i < last_ + 10; ++i) {
      if (is(i, kEnlarged | kFiniteVerb)) break;
      if (is(i, kRightNegation)) return Verdict{0, "normal without a verb", i};
      if (within_normal(i, kWithin | kLimits)) return Verdict{0, "within normal limits", i};
    }
    return {};
  }

  Found negated_behind_verb(int verb) const {
    for (int i = verb + 1; i <= verb + 8 && inside(i) && !is(i, kComma) && !clause_.joins_sentence(i); ++i) {
      if (is(i, kRightNegation)) return Verdict{0, "predicate negates", i};
      if (within_normal(i, kWithin)) return Verdict{0, "within normal limits", i};
      if (!is(i, kNo | kNot)) continue;
      bool clearly = false;
      for (int j = i + 1; j <= i + 3; ++j) {
        clearly = clearly || is(j, kClearly);
        if (is(j, kNotThere)) return Verdict{0, "predicate negates", j};
        if (is(j, kNotSeen)) return Verdict{clearly ? -1 : 0, clearly ? "not clearly seen" : "not seen", j};
        if (is(j, kNotJudged)) return Verdict{-1, "not judged", j};
      }
    }
    return {};
  }

  // An organ's name is a finding only where the clause calls it large or out of shape. "Stable" says neither that nor
  // normal: no statement on the heart's size, and uncertain for the mediastinum, as the published labeler has both.
  Found organ_without_finding(bool heart) const {
    const auto unchanged_at = unchanged();
    if (unchanged_at && is(*unchanged_at, kBorderline)) return Verdict{-1, "borderline", *unchanged_at};
    for (int i = begin_; i < end_; ++i)
      if (is(i, kAbnormal)) return {};
    if (unchanged_at) return Verdict{heart ? kSaysNothing : -1, kUnchangedRule, *unchanged_at};
    return Verdict{kSaysNothing, "an organ's name alone", -1};
  }

  // "overlap could obscure a nodule", "limits evaluation for an effusion", "a fracture may not be demonstrated"
  Found hypothetical() const {
    for (int i = first_ - 1; i >= first_ - 5; --i)
      if (is(i, kObscure) || (is(i, kSought) && is(i + 1, kFor))) return Verdict{kSaysNothing, "looked for", i};
    for (int i = last_; i < last_ + 3; ++i)
      if (is(i, kModal) && is(i + 1, kNot)) return Verdict{kSaysNothing, "may be missed", i};
    return {};
  }

  // "a nodule, compatible with a nipple"
  Found explained_away() const {
    for (int i = last_; i < last_ + 12; ++i)
      if (is(i, kExplains))
        for (int j = i + 1; j <= i + 5; ++j)
          if (is(j, kBenign)) return Verdict{0, "explained as no lesion", j};
    return {};
  }

  std::optional<int> unchanged() const {
    for (int i = first_ - 4; i < last_ + 6; ++i) {
      if (i == first_) i = last_;
      if (is(i, kUnchanged)) return i;
      if (is(i, kNo | kNot | kWithout))
        for (int j = i + 1; j <= i + 4; ++j)
          if (is(j, kChange)) return j;
    }
    return {};
  }

  Found hedged_left() const {
    for (int i = first_ - 1; i >= first_ - 10 && !clause_.joins_sentence(i); --i)
      if (is(i, kHedgeLeft) || (is(i, kHedgeWithOf) && is(i + 1, kOf)) || (is(i, kHedgeWithFor) && is(i + 1, kFor)) ||
          (is(i, kHedgeWithTo) && is(i + 1, kTo)))
        return Verdict{-1, "hedge before the mention", i};
    return {};
  }

  // "X or Y" leaves both open; in "X may represent Y or Z" X is there.
  Found alternative() const {
    for (int i = last_; i <= last_ + 3; ++i) {
      if (is(i, kComma | kNumber | kModal | kFiniteVerb) || clause_.has(i, kStates)) break;
      if (is(i, kOr)) return Verdict{-1, "alternative", i};
    }
    for (int i = first_ - 1; i >= first_ - 3 && !is(i, kComma); --i)
      if (is(i, kOr)) return Verdict{-1, "alternative", i};
    return {};
  }

  Found hedged_right() const {
    for (int i = last_; i < last_ + 6 && !is(i, kComma) && !clause_.has(i, kStates); ++i) {
      if (is(i, kHedgeRight)) return Verdict{-1, "hedge behind the mention", i};
      if (is(i, kNot))
        for (int j = i + 1; j <= i + 3; ++j)
          if (is(j, kNotAssessed)) return Verdict{-1, "not assessed", j};
      if (is(i, kModal)) {  // the subject of "may represent" is there; that it "may be present" is not sure
        for (int j = i + 1; j <= i + 4; ++j)
          if (is(j, kPresence)) return Verdict{-1, "may be present", j};
        break;
      }
    }
    return {};
  }

  Clause clause_;
  int first_, last_, begin_, end_;
  bool neutral_ = false;
};

}  // namespace

Verdict judge_mention(std::span<const Token> sentence, int first, int last, const MentionKind& kind) {
  return Judge(sentence, first, last).verdict(kind);
}

}  // namespace hilum::chexpert
