#include "eval/labels/chexpert_lexicon.h"

#include <algorithm>

namespace hilum {
namespace {

using enum Observation;

constexpr Phrase kPublishedPhrases[] = {
    {kEnlargedCardiomediastinum, " mediastinum"},
    {kEnlargedCardiomediastinum, "cardiomediastinum"},
    {kEnlargedCardiomediastinum, "contour"},
    {kEnlargedCardiomediastinum, "mediastinal configuration"},
    {kEnlargedCardiomediastinum, "mediastinal silhouette"},
    {kEnlargedCardiomediastinum, "pericardial silhouette"},
    {kEnlargedCardiomediastinum, "cardiac silhouette and vascularity"},
    {kCardiomegaly, "cardiomegaly"},
    {kCardiomegaly, "the heart"},
    {kCardiomegaly, "heart size"},
    {kCardiomegaly, "cardiac enlargement"},
    {kCardiomegaly, "cardiac size"},
    {kCardiomegaly, "cardiac shadow"},
    {kCardiomegaly, "cardiac contour"},
    {kCardiomegaly, "cardiac silhouette"},
    {kCardiomegaly, "enlarged heart"},
    {kLungLesion, "mass"},
    {kLungLesion, "nodular density"},
    {kLungLesion, "nodular densities"},
    {kLungLesion, "nodular opacity"},
    {kLungLesion, "nodular opacities"},
    {kLungLesion, "nodular opacification"},
    {kLungLesion, "nodule"},
    {kLungLesion, "lump"},
    {kLungLesion, "cavitary lesion"},
    {kLungLesion, "carcinoma"},
    {kLungLesion, "neoplasm"},
    {kLungLesion, "tumor"},
    {kLungOpacity, "opaci"},
    {kLungOpacity, "decreased translucency"},
    {kLungOpacity, "increased density"},
    {kLungOpacity, "airspace disease"},
    {kLungOpacity, "air-space disease"},
    {kLungOpacity, "air space disease"},
    {kLungOpacity, "infiltrate"},
    {kLungOpacity, "infiltration"},
    {kLungOpacity, "interstitial marking"},
    {kLungOpacity, "interstitial pattern"},
    {kLungOpacity, "interstitial lung"},
    {kLungOpacity, "reticular pattern"},
    {kLungOpacity, "reticular marking"},
    {kLungOpacity, "reticulation"},
    {kLungOpacity, "parenchymal scarring"},
    {kLungOpacity, "peribronchial thickening"},
    {kLungOpacity, "wall thickening"},
    {kLungOpacity, "scar"},
    {kEdema, "edema"},
    {kEdema, "heart failure"},
    {kEdema, "chf"},
    {kEdema, "vascular congestion"},
    {kEdema, "pulmonary congestion"},
    {kEdema, "indistinctness"},
    {kEdema, "vascular prominence"},
    {kConsolidation, "consolidat"},
    {kPneumonia, "pneumonia"},
    {kPneumonia, "infection"},
    {kPneumonia, "infectious process"},
    {kPneumonia, "infectious"},
    {kAtelectasis, "atelecta"},
    {kAtelectasis, "collapse"},
    {kPneumothorax, "pneumothorax"},
    {kPneumothorax, "pneumothoraces"},
    {kPleuralEffusion, "pleural fluid"},
    {kPleuralEffusion, "effusion"},
    {kPleuralOther, "pleural thickening"},
    {kPleuralOther, "fibrosis"},
    {kPleuralOther, "fibrothorax"},
    {kPleuralOther, "pleural scar"},
    {kPleuralOther, "pleural parenchymal scar"},
    {kPleuralOther, "pleuro-parenchymal scar"},
    {kPleuralOther, "pleuro-pericardial scar"},
    {kFracture, "fracture"},
    {kSupportDevices, "pacer"},
    {kSupportDevices, " line "},
    {kSupportDevices, "lines"},
    {kSupportDevices, "picc"},
    {kSupportDevices, "tube"},
    {kSupportDevices, "valve"},
    {kSupportDevices, "catheter"},
    {kSupportDevices, "pacemaker"},
    {kSupportDevices, "hardware"},
    {kSupportDevices, "arthroplast"},
    {kSupportDevices, "marker"},
    {kSupportDevices, "icd"},
    {kSupportDevices, "defib"},
    {kSupportDevices, "device"},
    {kSupportDevices, "drain "},
    {kSupportDevices, "plate"},
    {kSupportDevices, "screw"},
    {kSupportDevices, "cannula"},
    {kSupportDevices, "apparatus"},
    {kSupportDevices, "coil"},
    {kSupportDevices, "support"},
    {kSupportDevices, "equipment"},
    {kSupportDevices, "mediport"},
    {kNoFinding, "emphysema"},
    {kNoFinding, "blunt"},
    {kNoFinding, "density"},
    {kNoFinding, "elevation"},
    {kNoFinding, "eventration"},
    {kNoFinding, "scoliosis"},
    {kNoFinding, "degenera"},
    {kNoFinding, "calcifi"},
    {kNoFinding, "hyperinflation"},
    {kNoFinding, "bronchospasm"},
    {kNoFinding, "asthma"},
    {kNoFinding, "hernia"},
    {kNoFinding, "copd"},
    {kNoFinding, "interstitial markings"},
    {kNoFinding, "plaque"},
    {kNoFinding, "osteophytosis"},
    {kNoFinding, "aortic disease"},
    {kNoFinding, "bronchiolitis"},
    {kNoFinding, "airways disease"},
    {kNoFinding, "thickening"},
    {kNoFinding, "cephalization"},
    {kNoFinding, "aspiration"},
    {kNoFinding, "bullae"},
    {kNoFinding, "hyperinflat"},
    {kNoFinding, "contusion"},
    {kNoFinding, "atherosclero"},
    {kNoFinding, "osteopenia"},
    {kNoFinding, "metastasis"},
    {kNoFinding, "granuloma"},
    {kNoFinding, "pneumomediastinum"},
    {kNoFinding, "pneumoperitoneum"},
    {kNoFinding, "osteodystrophy"},
    {kNoFinding, "cuffing"},
    {kNoFinding, "irregular lucency"},
    {kNoFinding, "inflam"},
    {kNoFinding, "fissure"},
    {kNoFinding, "hypertension"},
    {kNoFinding, "prominen"},
    {kNoFinding, "kyphosis"},
    {kNoFinding, "defib"},
    {kNoFinding, "hyperexpansion"},
    {kNoFinding, "bullet"},
    {kNoFinding, "reticula"},
    {kNoFinding, "thoracentesis"},
    {kNoFinding, "bronchitis"},
    {kNoFinding, "volume loss"},
    {kNoFinding, "deformity"},
    {kNoFinding, "hemorrhage"},
    {kNoFinding, "hematoma"},
    {kNoFinding, "radiopaque"},
    {kNoFinding, "aerophagia"},
    {kNoFinding, "arthropathy"},
    {kNoFinding, "tracheostomy"},
};

// Ours: what else a film that is not normal is described by. They never make a label, they keep No Finding from being
// set.
constexpr std::string_view kOwnAbnormalities[] = {
    // volume and texture of the lungs
    "low lung volume",
    "low volume",
    "lung volumes low",
    "volumes are low",
    "volumes are decreased",
    "volumes are reduced",
    "volumes are diminished",
    "volumes remain low",
    "diminished lung volume",
    "decreased lung volume",
    "reduced lung volume",
    "hypoinflat",
    "hypoventilat",
    "hypoaerat",
    "hyperexpand",
    "hyperaerat",
    "hyperlucen",
    "hyperdisten",
    "air trapping",
    "crowding",
    "obstructive",
    "chronic",
    "fibrotic",
    "fibronodular",
    "cavit",
    "bulla",
    "bleb",
    "cyst",
    "bronchiect",
    "lucen",
    "lesion",
    "metasta",
    "adenopathy",
    "sarcoid",
    "flatten",
    "elevated",
    // vessels and skeleton
    "tortuo",
    "ectasia",
    "ectatic",
    "unfolded",
    "uncoil",
    "aneurysm",
    "dilat",
    "spondyl",
    "osteophyt",
    "spur",
    "endplate",
    "end plate",
    "curvature",
    "scolio",
    "kyphot",
    "pectus",
    "wedg",
    "compression",
    "height loss",
    "loss of height",
    "demineraliz",
    "osteopor",
    "sclero",
    "lytic",
    "hyperostosis",
    // traces of treatment
    "sternotom",
    "clips",
    "suture",
    "staple",
    "surgical",
    "postoperative",
    "post-operative",
    "cabg",
    "bypass",
    "stent",
    "mastectomy",
    "lumpectomy",
    "lobectomy",
    "pneumonectomy",
    "resect",
    "cholecystectomy",
    "foreign bod",
};

// Devices that other words begin with or hold: only as whole words, with an ending of the plural.
constexpr std::string_view kWholeDeviceWords[] = {"lines", "plate", "coil", "support", "marker", "screw"};
// Stems: any ending.
constexpr std::string_view kDeviceStems[] = {"arthroplast", "defib"};
constexpr std::string_view kPluralEndings[] = {"", "s", "es", "e", "d", "ed"};
// Parts of words that the published labeler counts and ours keeps.
constexpr std::string_view kKeptParts[] = {"platelike", "tuberculo", "tubercular"};

// "over the heart" says where something else is, not how the heart is.
std::vector<std::string> positional_unmentions(Observation observation) {
  std::vector<std::string> phrases;
  for (const char* place : {"over the ", "overly the ", "in the "})
    for (const char* part : {"", "superior ", "left ", "right "})
      for (const Phrase& phrase : kPublishedPhrases) {
        if (phrase.observation != observation || phrase.text == "cardiomegaly" || phrase.text == "cardiac enlargement")
          continue;
        std::string_view text = phrase.text;
        if (text.starts_with("the ")) text.remove_prefix(4);
        phrases.push_back(std::string(place) + part + std::string(text));
      }
  return phrases;
}

std::array<std::vector<std::string>, kNumObservations> make_unmentions() {
  std::array<std::vector<std::string>, kNumObservations> all;
  const auto of = [&](Observation observation) -> std::vector<std::string>& {
    return all[static_cast<size_t>(observation)];
  };
  of(kLungLesion) = {
      "massive", "massengale"};  // the published list has "calcified nodul" too; radiologists do index those as nodules
  of(kLungOpacity) = {"pleural scar"};
  of(kConsolidation) = {"nonconsolidat", "non-consolidat"};  // this and the next are ours
  of(kPneumonia) = {
      "granulomatous infection", "histoplasmosis infection", "tuberculous infection", "tuberculosis infection"};
  of(kPleuralEffusion) = {"pericardial effusion"};
  of(kSupportDevices) = {"end plate", "end-plate"};
  of(kEnlargedCardiomediastinum) = positional_unmentions(kEnlargedCardiomediastinum);
  of(kCardiomegaly) = positional_unmentions(kCardiomegaly);
  return all;
}

}  // namespace

bool is_device_word(std::string_view sentence, size_t begin, size_t end) {
  const auto in_word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  const std::string_view phrase = sentence.substr(begin, end - begin);
  const auto among = [](std::string_view text, const auto& list) {
    return std::find(std::begin(list), std::end(list), text) != std::end(list);
  };
  if (phrase.front() == ' ' || among(phrase, kDeviceStems)) return true;
  size_t stop = phrase.back() == ' ' ? end - 1 : end;
  while (stop < sentence.size() && in_word(sentence[stop])) ++stop;
  const bool inside = begin > 0 && in_word(sentence[begin - 1]);
  for (const std::string_view kept : kKeptParts)
    if (!inside && sentence.substr(begin).starts_with(kept)) return true;
  if (inside && among(phrase, kWholeDeviceWords)) return false;
  const std::string_view ending = stop > end ? sentence.substr(end, stop - end) : std::string_view();
  return phrase == "support" ? ending.empty() : among(ending, kPluralEndings);
}

std::span<const Phrase> published_phrases() { return kPublishedPhrases; }

std::span<const Phrase> mention_phrases() {
  static const std::vector<Phrase> all = [] {
    std::vector<Phrase> phrases(std::begin(kPublishedPhrases), std::end(kPublishedPhrases));
    for (const std::string_view text : kOwnAbnormalities) phrases.push_back({kNoFinding, text});
    return phrases;
  }();
  return all;
}

const std::vector<std::string>& unmention_phrases(Observation observation) {
  static const std::array<std::vector<std::string>, kNumObservations> all = make_unmentions();
  return all[static_cast<size_t>(observation)];
}

}  // namespace hilum
