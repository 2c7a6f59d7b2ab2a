#include "eval/labels/chexpert_words.h"

#include <algorithm>
#include <unordered_map>

namespace hilum::chexpert {
namespace {

struct ClassOfWords {
  uint64_t word_class;
  std::string_view words;  // separated by one blank
};

constexpr ClassOfWords kTable[] = {
    {kClauseBreak, "but however although though except yet whereas while which nevertheless ; apart aside"},
    {kLeftBarrier,
        "is are was were has have remain remains appear appears demonstrates shows with noted seen there which"},
    {kNegation, "no without not nor never denies exclude cleared resolved rule-out"},
    {kNegationWithOf, "free clear clearing absence resolution disappearance removal drainage history"},
    {kNegationWithFrom, "free"},
    {kNegationWithFor, "negative"},
    {kNegationWithOut, "rule rules"},
    {kNormal, "normal unremarkable"},
    {kNeutral,
        "heart size silhouette shadow contour contours configuration mediastinal mediastinum cardiomediastinal "
        "cardiomediastinum "
        "pericardial"},
    {kRightNegation, "normal unremarkable absent resolved removed cleared excluded negative"},
    {kRightBarrier,
        "is are was were be been has have had remain remains remained remaining appear appears appeared appearing "
        "demonstrate "
        "demonstrates show shows seen noted identified visualized present may might could would"},
    {kFiniteVerb,
        "is are was were has have had remain remains remained appear appears appeared demonstrate demonstrates show "
        "shows"},
    {kNotThere, "enlarged present evident longer"},
    {kNotSeen, "seen identified demonstrated"},
    {kNotJudged, "visualized appreciated evaluated excluded"},
    {kEnlarged, "enlarged prominent large widened increased"},
    {kUnchanged, "stable unchanged borderline"},
    {kHedgeLeft,
        "possible possibly presumably probable questionable suspect suspected suspicious question may might could "
        "would maybe "
        "differential versus vs favor consider"},
    {kHedgeWithOf, "suggestion"},
    {kHedgeWithFor, "concern concerning suspicion worrisome"},
    {kHedgeWithTo, "secondary"},
    {kHedgeRight, "possible possibly suspected suspect questionable versus obscured poorly incompletely"},
    {kNotAssessed, "visualized evaluated seen assessed appreciated"},
    {kModal, "may might could would"},
    {kPresence, "present appear appearance"},
    {kExclude, "exclude excluded"},
    {kExcluded, "excluded"},
    {kRule, "rule ruled"},
    {kRuled, "ruled"},
    {kDegree, "entirely completely definitely totally"},
    {kAbnormal,
        "enlarged enlargement large larger prominent prominence widened widening wide increased increase big bulky "
        "dilated "
        "dilatation dilation globular magnified accentuated generous cardiomegaly abnormal abnormality convex "
        "convexity "
        "tortuous tortuosity fullness"},
    {kCanBeNot, "appear have"},
    {kObscure, "obscure obscuring"},
    {kExplains, "consistent compatible represent represents representing suggest suggests suggesting suggestive"},
    {kBenign, "nipple nipples artifact"},
    {kSought, "evaluate evaluation assess assessment"},
    {kBorderline, "borderline"},
    {kNo, "no"},
    {kNot, "not"},
    {kWithout, "without"},
    {kNew, "new"},
    {kOr, "or"},
    {kAnd, "and"},
    {kWith, "with"},
    {kComma, ","},
    {kWithin, "within"},
    {kLimits, "limits"},
    {kNormalWord, "normal"},
    {kClearly, "clearly"},
    {kChange, "change"},
    {kOf, "of"},
    {kFrom, "from"},
    {kFor, "for"},
    {kOut, "out"},
    {kTo, "to"},
    {kThan, "than"},
    {kRather, "rather"},
    {kBe, "be"},
    {kCan, "can"},
    {kCannot, "cannot"},
};

std::unordered_map<std::string_view, uint64_t> make_classes() {
  std::unordered_map<std::string_view, uint64_t> classes;
  for (const ClassOfWords& row : kTable)
    for (std::string_view rest = row.words; !rest.empty();) {
      const size_t end = std::min(rest.find(' '), rest.size());
      classes[rest.substr(0, end)] |= row.word_class;
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  return classes;
}

}  // namespace

uint64_t word_classes(std::string_view word) {
  static const std::unordered_map<std::string_view, uint64_t> classes = make_classes();
  if (word.find_first_of("0123456789") != std::string_view::npos) return kNumber;
  const auto found = classes.find(word);
  return found == classes.end() ? 0 : found->second;
}

}  // namespace hilum::chexpert
