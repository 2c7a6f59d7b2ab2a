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
    {kNegation, "no without not nor never neither denies exclude cleared resolved rule-out"},
    {kNegationWithOf, "free clear clearing absence resolution disappearance removal drainage history"},
    {kNegationWithFrom, "free"},
    {kNegationWithFor, "negative"},
    {kNegationWithOut, "rule rules"},
    {kNormal, "normal unremarkable"},
    {kNeutral,
        "heart size silhouette shadow contour contours configuration mediastinal mediastinum cardiomediastinal "
        "cardiomediastinum "
        "pericardial"},
    {kRightNegation, "normal unremarkable absent resolved removed cleared disappeared gone excluded negative"},
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

constexpr ClassOfWords kRoles[] = {
    {kSingularVerb, "is was has remains appears does"},
    {kPluralVerb, "are were have had remain appear do may might could would should can must will"},
    {kOtherVerb,
        "persist persists persisted increase increases increased decrease decreases decreased improve improves "
        "improved "
        "worsen worsens worsened develop develops developed progress progresses progressed represents reflects "
        "suggests indicates shows show demonstrates demonstrate obscures obscure causes contains"},
    {kPreposition, "in on at of with from over under behind near within along for to by into through between"},
    {kRelative, "that who whose :"},
    {kGone, "cleared resolved disappeared gone"},
    {kPartly, "partially partly incompletely nearly almost not"},
    {kConsideration, "consideration considerations possibility possibilities"},
    {kConsidered, "considered entertained questioned"},
    {kDifferential, "differential differentials"},
    {kPossibilities, "differential differentials consideration considerations possibilities"},
    {kIncludes, "include includes included including comprise comprises comprising"},
    {kCorrelate, "correlate correlation correlated"},
    {kCompatible, "compatible consistent represent reflect indicate suggest"},
    {kExamination,
        "ct mri pet ultrasound radiograph radiographs film films view views imaging image images evaluation "
        "reevaluation examination examinations exam study studies scan scans followup follow-up comparison correlation "
        "biopsy bronchoscopy angiography tomography"},
    {kHardBreak, "but however although though except yet nevertheless ;"},
    {kAnother, "another"},
    {kIn, "in on"},
    {kAlso, "also be still"},
    {kColon, ":"},
    {kNor, "nor neither"},
    {kThere, "there"},
    {kStates,
        "represent represents representing reflect reflects reflecting indicate indicates indicating suggest suggests "
        "suggesting suggestive consistent compatible due"},
    {kBehindGone, ". , ; in since on by from completely entirely now after with compared almost nearly"},
};

template <size_t N>
void add_table(const ClassOfWords (&table)[N], uint64_t WordMeaning::* field,
    std::unordered_map<std::string_view, WordMeaning>& meanings) {
  for (const ClassOfWords& row : table)
    for (std::string_view rest = row.words; !rest.empty();) {
      const size_t end = std::min(rest.find(' '), rest.size());
      meanings[rest.substr(0, end)].*field |= row.word_class;
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
}

std::unordered_map<std::string_view, WordMeaning> make_meanings() {
  std::unordered_map<std::string_view, WordMeaning> meanings;
  add_table(kTable, &WordMeaning::classes, meanings);
  add_table(kRoles, &WordMeaning::roles, meanings);
  return meanings;
}

}  // namespace

WordMeaning word_meaning(std::string_view word) {
  static const std::unordered_map<std::string_view, WordMeaning> meanings = make_meanings();
  if (word.find_first_of("0123456789") != std::string_view::npos) return {kNumber, 0};
  const auto found = meanings.find(word);
  return found == meanings.end() ? WordMeaning() : found->second;
}

}  // namespace hilum::chexpert
