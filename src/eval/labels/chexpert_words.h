// The words the CheXpert-style rules react to, each with the classes it belongs to (evaluation sheet 1.6). A word is
// looked up once, then every rule is a bit test.
#pragma once

#include <cstdint>
#include <string_view>

namespace hilum::chexpert {

enum WordClass : uint64_t {
  kClauseBreak = 1ull << 0,       // "but", "however": what stands behind it does not reach the mention
  kLeftBarrier = 1ull << 1,       // a verb between a negation and the mention takes the negation away
  kNegation = 1ull << 2,          // negates what follows, alone
  kNegationWithOf = 1ull << 3,    // negates when "of" follows: "free of", "resolution of"
  kNegationWithFrom = 1ull << 4,  // "free from"
  kNegationWithFor = 1ull << 5,   // "negative for"
  kNegationWithOut = 1ull << 6,   // "rule out"
  kNormal = 1ull << 7,            // "normal", "unremarkable": short reach to the left
  kNeutral = 1ull << 8,           // names an organ rather than a disease
  kRightNegation = 1ull << 9,     // behind the mention: "absent", "resolved"
  kRightBarrier = 1ull << 10,     // ends the search right behind the mention
  kFiniteVerb = 1ull << 11,
  kNotThere = 1ull << 12,      // "not enlarged", "no longer"
  kNotSeen = 1ull << 13,       // "not seen"
  kNotJudged = 1ull << 14,     // "not evaluated": uncertain
  kEnlarged = 1ull << 15,      // takes a verbless "normal" behind a neutral mention away
  kUnchanged = 1ull << 16,     // makes a neutral mention uncertain
  kHedgeLeft = 1ull << 17,     // uncertain when left of the mention
  kHedgeWithOf = 1ull << 18,   // "suggestion of"
  kHedgeWithFor = 1ull << 19,  // "concern for"
  kHedgeWithTo = 1ull << 20,   // "secondary to"
  kHedgeRight = 1ull << 21,    // uncertain when right of the mention
  kNotAssessed = 1ull << 22,   // behind "not", right of the mention
  kModal = 1ull << 23,         // may, might, could, would
  kPresence = 1ull << 24,      // "may be present"
  kExclude = 1ull << 25,       // exclude, excluded
  kExcluded = 1ull << 26,      // excluded alone: behind "not"
  kRule = 1ull << 27,          // rule, ruled (before "out")
  kRuled = 1ull << 28,
  kDegree = 1ull << 29,      // "cannot entirely exclude"
  kNumber = 1ull << 53,      // holds a digit: no word of the text between a mention and its "or"
  kAbnormal = 1ull << 54,    // what an organ must be called before its name is a finding: "enlarged", "tortuous"
  kCanBeNot = 1ull << 55,    // verbs that a "not" before them turns into a negation: "not appear"
  kObscure = 1ull << 56,     // "could obscure a nodule": says nothing of the nodule
  kSought = 1ull << 59,      // "evaluation for": neither there nor not
  kBorderline = 1ull << 60,  // of kUnchanged, the word that is a doubt
  kExplains = 1ull << 57,    // "consistent with", "represent": names what the mention is
  kBenign = 1ull << 58,      // ... and these are no lesion
  // single words that the rules name
  kNo = 1ull << 30,
  kNot = 1ull << 31,
  kWithout = 1ull << 32,
  kNew = 1ull << 33,
  kOr = 1ull << 34,
  kAnd = 1ull << 35,
  kWith = 1ull << 36,
  kComma = 1ull << 37,
  kWithin = 1ull << 38,
  kLimits = 1ull << 39,
  kNormalWord = 1ull << 40,
  kClearly = 1ull << 41,
  kChange = 1ull << 42,
  kOf = 1ull << 43,
  kFrom = 1ull << 44,
  kFor = 1ull << 45,
  kOut = 1ull << 46,
  kTo = 1ull << 47,
  kThan = 1ull << 48,
  kRather = 1ull << 49,
  kBe = 1ull << 50,
  kCan = 1ull << 51,
  kCannot = 1ull << 52,
};

// What a word is in the build of a sentence: which verb a list of mentions has, and what that verb says of them.
enum WordRole : uint64_t {
  kSingularVerb = 1ull << 0,
  kPluralVerb = 1ull << 1,
  kOtherVerb = 1ull << 2,  // "persists", "represents": has a subject of its own and no predicate that a rule reads
  kPreposition = 1ull << 3,
  kRelative = 1ull << 4,        // "that": what follows is said of the noun before it
  kGone = 1ull << 5,            // "cleared", "resolved"
  kPartly = 1ull << 6,          // "partially resolved" is still there
  kConsideration = 1ull << 7,   // "would be a consideration"
  kConsidered = 1ull << 8,      // "should be considered"
  kDifferential = 1ull << 9,    // "in the differential"
  kPossibilities = 1ull << 10,  // "considerations include ..."
  kIncludes = 1ull << 11,
  kCorrelate = 1ull << 12,    // "correlate clinically for"
  kCompatible = 1ull << 13,   // "can be compatible with", "can represent"
  kExamination = 1ull << 14,  // what else "should be considered": CT, follow-up
  kHardBreak = 1ull << 15,    // of kClauseBreak, what ends a list as well
  kAnother = 1ull << 16,
  kIn = 1ull << 17,  // "in", "on"
  kAlso = 1ull << 18,
  kColon = 1ull << 19,
  kNor = 1ull << 20,
  kThere = 1ull << 21,
  kStates = 1ull << 23,      // what "X represents Y" says of X: that it is there
  kBehindGone = 1ull << 22,  // behind "cleared" as a verb: "in the interval", "completely"
};

struct WordMeaning {
  uint64_t classes = 0, roles = 0;
};

// The classes and roles of a lower-case word or single sign; none for a word no rule names.
WordMeaning word_meaning(std::string_view word);

}  // namespace hilum::chexpert
