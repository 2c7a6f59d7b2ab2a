#include "eval/chexpert_lexicon.h"

namespace hilum {
namespace {

using enum Observation;

constexpr Phrase kMentionPhrases[] = {
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

// "over the heart" says where something else is, not how the heart is.
std::vector<std::string> positional_unmentions(Observation observation) {
  std::vector<std::string> phrases;
  for (const char* place : {"over the ", "overly the ", "in the "})
    for (const char* part : {"", "superior ", "left ", "right "})
      for (const Phrase& phrase : kMentionPhrases) {
        if (phrase.observation != observation || phrase.text == "cardiomegaly" || phrase.text == "cardiac enlargement") continue;
        std::string_view text = phrase.text;
        if (text.starts_with("the ")) text.remove_prefix(4);
        phrases.push_back(std::string(place) + part + std::string(text));
      }
  return phrases;
}

std::array<std::vector<std::string>, kNumObservations> make_unmentions() {
  std::array<std::vector<std::string>, kNumObservations> all;
  const auto of = [&](Observation observation) -> std::vector<std::string>& { return all[static_cast<size_t>(observation)]; };
  of(kLungLesion) = {"calcified nodul", "massive", "massengale"};
  of(kLungOpacity) = {"pleural scar"};
  of(kPleuralEffusion) = {"pericardial effusion"};
  of(kEnlargedCardiomediastinum) = positional_unmentions(kEnlargedCardiomediastinum);
  of(kCardiomegaly) = positional_unmentions(kCardiomegaly);
  return all;
}

}  // namespace

std::span<const Phrase> mention_phrases() { return kMentionPhrases; }

const std::vector<std::string>& unmention_phrases(Observation observation) {
  static const std::array<std::vector<std::string>, kNumObservations> all = make_unmentions();
  return all[static_cast<size_t>(observation)];
}

}  // namespace hilum
