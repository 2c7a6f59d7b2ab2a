#include "datasets/curation/summary_rules.h"

namespace hilum {
namespace {

using Kind = SentenceRule::Kind;

const std::string kPrior = "(?:prior|previous|earlier|preceding|old|last|most recent|recent|outside)";
const std::string kStudy =
    "(?:study|studies|exams?|examinations?|radiographs?|films?|images?|imaging|CTs?|CXRs?|x-?rays?|scans?|reports?)";
const std::string kMask = "(?-i:_{2,}|XXXX+)";
const std::string kReference =
    "\\b" + kPrior + " (?:[a-z-]+ ){0,3}" + kStudy +
    "\\b"
    "|\\bcompar(?:ed|ison)\\b"
    "|\\b(?:since|from) (?:the )?(?:prior|previous|last|earlier|yesterday|_{2,})"
    "|\\b(?:as|than) (?:before|previously|prior)\\b"
    "|\\bpreviously (?:seen|noted|described|demonstrated|identified|visuali[sz]ed|reported)\\b";
const std::string kTrend =
    "\\b(?:unchanged|stable|stability|interval|improv(?:ed|ing|ement)|worsen(?:ed|ing)|worse|increas(?:ed|ing)|decreas("
    "?:ed|ing)|resolv(?:ed|ing)"
    "|resolution|progress(?:ed|ion|ing)|new|newly|again|persist(?:s|ent|ing)|remains?|redemonstrated|previously)\\b";
const std::string kEndsOpen = "\\b(?:is|are|was|were|appears?|remains?|has|have|been|and|or|with)$";
const std::string kHole = "\\b(?:a|an|the|no) (?:of|in|is|are|and|or)\\b";  // left by a mask
const std::string kAdjective =
    "(?:portable|semi-?upright|semi-?erect|upright|erect|supine|frontal|lateral|AP|PA|AP/"
    "PA|oblique|decubitus|single|two|three|one|[123]|bedside"
    "|and|or|the|a|an|this|these)";
const std::string kPicture = "(?:views?|radiographs?|images?|projections?|films?|x-?rays?";
const std::string kLead = "^(?:" + kAdjective + "(?:,? |/))+(?:chest )?" + kPicture +
                          "|examinations?|exams?|CXRs?)(?: of the (?:chest|thorax))?"
                          "(?: (?:was|were|is|are|has been|have been) "
                          "(?:obtained|provided|submitted|performed|acquired|presented|reviewed|available|taken))?";
const std::string kOnView =
    "(?:on|in) (?:the |this |these |both |either |a |an )?(?:single "
    ")?(?:(?:frontal|lateral|AP|PA|oblique|decubitus|upright|supine|portable)"
    "(?:,| and| or|/)? ?)+(?:chest )?" +
    kPicture + ")\\b";

}  // namespace

const std::vector<SentenceRule>& summary_rules() {
  static const std::vector<SentenceRule> kRules = {
      // who was told
      {.id = "D1",
          .kind = Kind::kDropBoth,
          .pattern = "\\b(?:discussed|communicated|telephoned|paged|notified|relayed|conveyed|e-?mailed)\\b",
          .also = "\\bDr\\b|\\bby (?:tele)?phone\\b|" + kMask + "|\\b(?:physician|nurse|team|service|dashboard)\\b"},
      // what was compared
      {.id = "D2",
          .kind = Kind::kDrop,
          .pattern = "^(?:in )?comparisons?(?: is| was)?(?: made)?(?: to| with|:)?[^,]*$"},
      {.id = "D4",
          .kind = Kind::kDrop,
          .pattern = "^no (?:prior|previous|comparison)\\b.*\\b(?:available|comparison)\\b"},
      // views
      {.id = "V1",
          .kind = Kind::kThereIs,
          .pattern =
              kLead +
              ",?(?: and)?(?: which)? (?:demonstrat(?:e|es|ed|ing)|show(?:s|ed|ing)?|reveal(?:s|ed|ing)?) (.+)$"},
      {.id = "V2", .kind = Kind::kDrop, .pattern = kLead + "$"},
      {.id = "V3",
          .kind = Kind::kReplace,
          .pattern =
              ",? (?:best|better|only|well) (?:seen|visuali[sz]ed|appreciated|noted|identified|evident) " + kOnView},
      {.id = "V3", .kind = Kind::kReplace, .pattern = ",? " + kOnView},
      {.id = "V3", .kind = Kind::kTidy},
      // strict: anything that compares
      {.id = "S", .kind = Kind::kDrop, .pattern = kReference + "|" + kTrend, .strict_only = true},
      // comparing clauses
      {.id = "C1", .kind = Kind::kReplace, .pattern = "^(?:as |when |in )?compar(?:ed|ison) (?:to|with)[^,]*, ?"},
      {.id = "C1", .kind = Kind::kTidy},
      {.id = "C1", .kind = Kind::kReplace, .pattern = "^since (?:the )?(?:prior|previous|last|_{2,})[^,]*, ?"},
      {.id = "C1", .kind = Kind::kTidy},
      {.id = "D3",
          .kind = Kind::kDrop,
          .pattern = "^(?:there (?:is|has been|are) )?(?:no|little|minimal) (?:relevant |significant |appreciable "
                     "|definite |other |substantial )*"
                     "(?:interval )?changes?\\b"},
      {.id = "C2", .kind = Kind::kDropClauses, .pattern = "^(?:which|that)\\b", .also = kReference},
      {.id = "C3a", .kind = Kind::kReplace, .pattern = ",?(?: (?:as|when|and))? (?:compared|in comparison)\\b[^.;,]*"},
      {.id = "C3b",
          .kind = Kind::kReplace,
          .pattern = ",? (?:(?:relatively|grossly|essentially|largely|overall) "
                     ")?(?:unchanged|stable|similar|improved|worse|worsened|increased"
                     "|decreased|new|progressed)(?: in [a-z ]+)? (?:from|since|to) (?:the )?" +
                     kPrior + "\\b[^,.;]*"},
      {.id = "C3c",
          .kind = Kind::kReplace,
          .pattern = " (?:from|since|on|to|than|with) (?:the )?" + kPrior + " (?:[a-z-]+ ){0,3}" + kStudy +
                     "\\b(?: (?:of|dated|from|on) [^,.;]*)?"},
      {.id = "C4",
          .kind = Kind::kReplace,
          .pattern = "^(?:redemonstrated|again (?:seen|noted|demonstrated)) (?:is|are) ",
          .with = "There is "},
      {.id = "C4", .kind = Kind::kReplace, .pattern = " again\\b"},
      {.id = "C5",
          .kind = Kind::kReplace,
          .pattern = "^(?:there (?:is|has been) )?interval (?:development|appearance) of (?:an? )?(.+)$",
          .with = "There is a new $1"},
      // masks
      {.id = "U", .kind = Kind::kReplace, .pattern = " ?\\([^()]*" + kMask + "[^()]*\\)", .masked_only = true},
      {.id = "U",
          .kind = Kind::kReplace,
          .pattern = ",? ?(?:measuring|measures) (?:up to |approximately |about )?" + kMask + "(?: ?x ?" + kMask +
                     ")? ?(?:cm|mm)",
          .masked_only = true},
      {.id = "U",
          .kind = Kind::kReplaceRepeat,
          .pattern = "(?: (?:of|from|dated|on|at|by|with|to|since|in|per))?(?: the)?(?: (?:Dr|Mr|Ms|Mrs)\\.?)? ?" +
                     kMask + "(?: ?(?:a\\.?m\\.?|p\\.?m\\.?|hours|hrs))?([,.;:]|$)",
          .with = "$1",
          .masked_only = true},
      {.id = "U", .kind = Kind::kReplace, .pattern = kMask + "(?:[ -](?:year[- ]old|cm|mm))? ?", .masked_only = true},
      {.id = "U", .kind = Kind::kTidy, .masked_only = true},
      // what is left must stand alone
      {.id = "X", .kind = Kind::kTidy},
      {.id = "X", .kind = Kind::kDrop, .pattern = kReference + "|" + kEndsOpen + "|" + kHole},
      {.id = "X", .kind = Kind::kDropShort},
  };
  return kRules;
}

const char* const kMaskedXray = "\\b([xX])-(?-i:XXXX)";
const char* const kListMarker = "(^|[.!?:;] )\\(?\\d{1,2}[.)] ";
const char* const kFiniteVerb =
    "\\b(?:is|are|was|were|has|have|had|appears?|remains?|shows?|demonstrates?|reveals?|suggests?|may|can|could|"
    "projects?|extends?|terminates?|ends?|lies|measures)\\b";
const char* const kAnatomyFirst =
    "^(?:cardiomediastinal|cardiac|mediastinal|mediastinum|hilar|heart|lungs?|aorta|aortic|trachea|osseous|visualized|"
    "pulmonary|pleural|bony|imaged)\\b";
const char* const kAdviceFirst = "^(?:recommend|consider|suggest|please|follow|correlat|clinical correlation)";
const std::vector<std::string> kSingularNouns = {"effusion", "opacity", "nodule", "mass", "fracture", "hernia",
    "granuloma", "lesion", "deformity", "infiltrate", "pneumothorax", "x-ray", "radiograph", "chest", "study", "exam",
    "examination"};

}  // namespace hilum
