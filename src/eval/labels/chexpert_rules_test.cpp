#include "eval/labels/chexpert_rules.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.h"
#include "eval/labels/chexpert_lexicon.h"

namespace hilum {
namespace {

const LabelMention* mention_of(const std::vector<LabelMention>& mentions, const std::string& observation) {
  for (const LabelMention& mention : mentions)
    if (mention.observation == observation) return &mention;
  return nullptr;
}

TEST(ChexpertRules, WholeReportsByHand) {
  EXPECT_EQ(label_report("The cardiac silhouette is of normal width.\nNo collapse or consolidation is present. There "
                         "is no pleural fluid."),
      (Labels{
          {"No Finding", 1}, {"Cardiomegaly", 0}, {"Atelectasis", 0}, {"Consolidation", 0}, {"Pleural Effusion", 0}}));
  EXPECT_EQ(label_report("1. Large right pneumothorax with collapse of the lower lobe. 2. Enlarged heart without "
                         "edema. 3. A tube is in place."),
      (Labels{{"Pneumothorax", 1}, {"Atelectasis", 1}, {"Cardiomegaly", 1}, {"Edema", 0}, {"Support Devices", 1}}));
  EXPECT_EQ(label_report("Left basal infiltrate, could reflect infection or a mass."),
      (Labels{{"Lung Opacity", 1}, {"Pneumonia", -1}, {"Lung Lesion", -1}}));
}

TEST(ChexpertRules, NegationDoesNotCrossBut) {
  EXPECT_EQ(label_report("No effusion, but mild edema."), (Labels{{"Edema", 1}, {"Pleural Effusion", 0}}));
  EXPECT_EQ(
      label_report("No effusion, mild edema."), (Labels{{"No Finding", 1}, {"Edema", 0}, {"Pleural Effusion", 0}}));
}

TEST(ChexpertRules, VerbBetweenNegationAndMentionFreesIt) {
  EXPECT_EQ(label_report("Without pneumothorax there is edema.").at("Edema"), 1);
  EXPECT_EQ(label_report("Without pneumothorax and edema.").at("Edema"), 0);
}

TEST(ChexpertRules, NormalReachesFurtherToAnOrganThanToADisease) {
  EXPECT_EQ(label_report("Normal size and shape of cardiac silhouette.").at("Cardiomegaly"), 0);
  EXPECT_EQ(label_report("Normal size and shape of big effusion.").at("Pleural Effusion"), 1);
}

TEST(ChexpertRules, PredicateBehindTheMentionNegates) {
  EXPECT_EQ(label_report("The cardiac silhouette is not enlarged.").at("Cardiomegaly"), 0);
  EXPECT_EQ(label_report("Effusion is not seen.").at("Pleural Effusion"), 0);
  EXPECT_EQ(label_report("Effusion is not clearly seen.").at("Pleural Effusion"), -1);
  EXPECT_EQ(label_report("Effusion is not visualized.").at("Pleural Effusion"), -1);
  EXPECT_EQ(label_report("The cardiac silhouette is enlarged.").at("Cardiomegaly"), 1);
}

TEST(ChexpertRules, SubjectOfMayRepresentStaysPositive) {
  EXPECT_EQ(label_report("Opacity may represent pneumonia."), (Labels{{"Lung Opacity", 1}, {"Pneumonia", -1}}));
  EXPECT_EQ(label_report("Opacity may be present.").at("Lung Opacity"), -1);
}

TEST(ChexpertRules, OrReachesThreeWordsButNotOverACommaOrANumber) {
  EXPECT_EQ(label_report("Effusion at the base or scar.").at("Pleural Effusion"), -1);
  EXPECT_EQ(label_report("Effusion at the very base or scar.").at("Pleural Effusion"), 1);
  EXPECT_EQ(label_report("Effusion, base or scar.").at("Pleural Effusion"), 1);
  EXPECT_EQ(label_report("Fracture of c3 or fusion.").at("Fracture"), 1);
}

TEST(ChexpertRules, UnmentionPhrasesTakeMentionsBack) {
  EXPECT_EQ(label_report("Massive hematoma."), Labels());  // a No Finding phrase, no Lung Lesion
  EXPECT_EQ(label_report("Pericardial effusion."), (Labels{{"No Finding", 1}}));
  EXPECT_FALSE(label_report("Leads over the heart, a large one.").contains("Cardiomegaly"));
  EXPECT_TRUE(label_report("Leads near the heart, a large one.").contains("Cardiomegaly"));
  EXPECT_EQ(label_report("Calcified nodule and mass.").at("Lung Lesion"), 1);  // the other mention stands
}

// The labels that a sentence must have; those not named are not looked at.
void expect_labels(const char* sentence, const Labels& right) {
  const Labels labels = label_report(sentence);
  for (const auto& [name, label] : right) {
    const auto found = labels.find(name);
    ASSERT_NE(found, labels.end()) << name << " in: " << sentence;
    EXPECT_EQ(found->second, label) << name << " in: " << sentence;
  }
}

TEST(ChexpertRules, DoubtBehindTheMention) {
  expect_labels("Left base pneumonia would be a consideration.", {{"Pneumonia", -1}});
  expect_labels("Atypical infection is another consideration.", {{"Pneumonia", -1}});
  expect_labels("Atelectasis and pneumonia should be considered.", {{"Pneumonia", -1}, {"Atelectasis", -1}});
  expect_labels("Pneumonia is in the differential.", {{"Pneumonia", -1}});
  expect_labels("Edema, pneumonia and atelectasis remain on the differential diagnosis.",
      {{"Edema", -1}, {"Pneumonia", -1}, {"Atelectasis", -1}});
  expect_labels("Opacity is seen, with pneumonia in the differential.", {{"Lung Opacity", 1}, {"Pneumonia", -1}});
  expect_labels(
      "There is an effusion and pneumonia should be considered.", {{"Pleural Effusion", 1}, {"Pneumonia", -1}});
  expect_labels("Left base opacity, pneumonia would be a consideration.", {{"Lung Opacity", 1}, {"Pneumonia", -1}});
  expect_labels("Pneumonia is not a consideration.", {{"Pneumonia", 0}});
}

TEST(ChexpertRules, WhatElseIsConsideredLeavesTheMention) {
  expect_labels("There is a nodule and CT should be considered.", {{"Lung Lesion", 1}});
  expect_labels("Further evaluation of the nodule with CT should be considered.", {{"Lung Lesion", 1}});
}

TEST(ChexpertRules, DoubtBeforeAListReachesItsEnd) {
  const Labels all{
      {"Lung Lesion", -1}, {"Atelectasis", -1}, {"Pleural Effusion", -1}, {"Edema", -1}, {"Pneumonia", -1}};
  const char* list =
      "a large right upper lobe mass, a rounded area of atelectasis at the left base, a small loculated pleural "
      "effusion, acute interstitial edema, and pneumonia.";
  for (const char* start : {"Differential including ", "The differential, which is broad, includes ",
           "The differential for this appearance in a patient with fever includes ",
           "Clinical correlation is recommended for ", "Changes which can be compatible with "})
    expect_labels((std::string(start) + list).c_str(), all);
  expect_labels(
      "The differential includes pneumonia, and there is an effusion.", {{"Pneumonia", -1}, {"Pleural Effusion", 1}});
}

TEST(ChexpertRules, OneVerbOfResolutionForAList) {
  expect_labels("The edema, the effusions and the atelectasis have cleared.",
      {{"Edema", 0}, {"Pleural Effusion", 0}, {"Atelectasis", 0}});
  expect_labels("Both the edema and the effusions are no longer seen.", {{"Edema", 0}, {"Pleural Effusion", 0}});
  expect_labels("Edema and effusion cleared.", {{"Edema", 0}, {"Pleural Effusion", 0}});
  expect_labels("Atelectasis at the base of the left lower lobe has cleared.", {{"Atelectasis", 0}});
}

TEST(ChexpertRules, AVerbOfItsOwnKeepsTheMention) {
  for (const char* text :
      {"Edema persists and the effusion has cleared.", "The effusion has cleared and edema persists.",
          "Edema is unchanged and the effusion has cleared.", "There is edema and the effusions have cleared.",
          "Edema persists and atelectasis and effusion have cleared."})
    expect_labels(text, {{"Edema", 1}, {"Pleural Effusion", 0}});
  expect_labels("The heart is normal and effusion is present.", {{"Cardiomegaly", 0}, {"Pleural Effusion", 1}});
}

TEST(ChexpertRules, WhatHasNotGoneIsThere) {
  expect_labels("Edema and effusions have not cleared.", {{"Edema", 1}, {"Pleural Effusion", 1}});
  expect_labels("The effusion has partially resolved.", {{"Pleural Effusion", 1}});
  expect_labels("The effusion may have resolved.", {{"Pleural Effusion", -1}});
  expect_labels("Neither the edema nor the effusion has cleared.", {{"Edema", 1}, {"Pleural Effusion", 1}});
}

TEST(ChexpertRules, NeitherNorDeniesBoth) {
  for (const char* text : {"Neither consolidation nor edema is seen.", "There is neither consolidation nor edema.",
           "Neither a consolidation nor an edema.", "There is neither consolidation nor is there edema."})
    expect_labels(text, {{"Consolidation", 0}, {"Edema", 0}});
}

TEST(ChexpertRules, WhatRepresentsEitherOfTwoIsThere) {
  for (const char* text : {"Opacity may represent atelectasis or pneumonia.",
           "The opacity represents atelectasis or pneumonia.", "Opacity due to atelectasis or pneumonia."})
    expect_labels(text, {{"Lung Opacity", 1}, {"Atelectasis", -1}, {"Pneumonia", -1}});
}

TEST(ChexpertRules, ADeviceIsAWordOfItsOwn) {
  for (const char* text : {"The outlines of both hemidiaphragms are sharp.", "Supportive care continues.",
           "Guidelines apply.", "This supports the diagnosis.", "Supported by pillows.", "Endplates are irregular.",
           "The aorta is uncoiled.", "Humeral tubercle."})
    EXPECT_FALSE(label_report(text).contains("Support Devices")) << text;
  for (const char* text : {"Lines are in place.", "Two pacemakers.", "PICCs.", "A microcatheter.", "AICD.",
           "Pacemaker-defibrillator.", "Support apparatus.", "Both valves.", "Knee arthroplasty."})
    expect_labels(text, {{"Support Devices", 1}});
}

TEST(ChexpertRules, SubstringSearchKeepsItsKnownSideEffects) {
  EXPECT_EQ(label_report("Platelike atelectasis."), (Labels{{"Atelectasis", 1}, {"Support Devices", 1}}));
  EXPECT_EQ(label_report("Tuberculosis.").at("Support Devices"), 1);
}

TEST(ChexpertRules, SlashAndDecimalsAreReadAsThePublishedCleaningDoes) {
  EXPECT_EQ(label_report("Edema/effusion."), (Labels{{"Edema", -1}, {"Pleural Effusion", -1}}));
  EXPECT_EQ(label_report("Edema and/or effusion."), (Labels{{"Edema", -1}, {"Pleural Effusion", -1}}));
  const auto mentions = find_mentions("A nodule of 1.8 cm..  Stable.");
  ASSERT_EQ(mentions.size(), 1u);
  EXPECT_EQ(mentions[0].sentence, "a nodule of 1. 8 cm.");
}

TEST(ChexpertRules, AnOrganIsAFindingOnlyWhereItIsCalledOne) {
  EXPECT_FALSE(label_report("The heart and lungs look as they did.").contains("Cardiomegaly"));
  EXPECT_EQ(label_report("The heart looks large.").at("Cardiomegaly"), 1);
  EXPECT_FALSE(label_report("Heart size is stable.").contains("Cardiomegaly"));
  EXPECT_EQ(label_report("Stable enlargement of the heart.").at("Cardiomegaly"), 1);
  EXPECT_EQ(label_report("Heart size is borderline.").at("Cardiomegaly"), -1);
  EXPECT_EQ(label_report("Stable mild cardiomegaly.").at("Cardiomegaly"), 1);
  EXPECT_EQ(label_report("The mediastinum is stable.").at("Enlarged Cardiomediastinum"), -1);
  EXPECT_EQ(label_report("The heart and mediastinum are otherwise normal.").at("Cardiomegaly"), 0);
  EXPECT_EQ(label_report("Heart size and vessels within normal limits, bones appear intact.").at("Cardiomegaly"), 0);
}

TEST(ChexpertRules, AnUnchangedMediastinumWithholdsNoFindingOnlyWhereNothingIsDenied) {
  EXPECT_EQ(label_report("The mediastinum is stable."), (Labels{{"Enlarged Cardiomediastinum", -1}}));
  EXPECT_EQ(label_report("The mediastinum is stable. No effusion."),
      (Labels{{"No Finding", 1}, {"Enlarged Cardiomediastinum", -1}, {"Pleural Effusion", 0}}));
  EXPECT_FALSE(label_report("The mediastinum is stable. No effusion. Mild edema.").contains("No Finding"));
}

TEST(ChexpertRules, NoChangeIsNoNegation) {
  EXPECT_EQ(label_report("No change in the right nodule.").at("Lung Lesion"), 1);
  EXPECT_EQ(label_report("Without significant change of the effusion.").at("Pleural Effusion"), 1);
  EXPECT_EQ(label_report("No nodule, no change.").at("Lung Lesion"), 0);
}

TEST(ChexpertRules, ANegatedVerbNegates) {
  EXPECT_EQ(label_report("This does not appear to be a pneumothorax.").at("Pneumothorax"), 0);
  EXPECT_EQ(label_report("Lungs without air space appear to have a pneumothorax.").at("Pneumothorax"), 1);
}

TEST(ChexpertRules, WhatIsOnlyLookedForIsNotMentioned) {
  EXPECT_EQ(label_report("Ribs could obscure a small nodule."), (Labels{{"No Finding", 1}}));
  EXPECT_EQ(label_report("Limits evaluation for an effusion."), (Labels{{"No Finding", 1}}));
  EXPECT_EQ(label_report("Small fractures may not be demonstrated."), (Labels{{"No Finding", 1}}));
  EXPECT_EQ(label_report("A nodule may be demonstrated.").at("Lung Lesion"), 1);
}

TEST(ChexpertRules, ANippleIsNoLesion) {
  EXPECT_EQ(label_report("Nodular density over the rib is consistent with a nipple shadow.").at("Lung Lesion"), 0);
  EXPECT_EQ(label_report("Nodular density over the rib is consistent with a tumor.").at("Lung Lesion"), 1);
}

TEST(ChexpertRules, OldGranulomatousInfectionIsNoPneumonia) {
  EXPECT_FALSE(label_report("Traces of granulomatous infection.").contains("Pneumonia"));
  EXPECT_EQ(label_report("Traces of infection.").at("Pneumonia"), 1);
}

TEST(ChexpertRules, OwnPhrasesKeepNoFindingAndNothingElse) {
  EXPECT_EQ(label_report("Tortuous aorta."), Labels());
  EXPECT_EQ(label_report("No tortuous aorta."), (Labels{{"No Finding", 1}}));
  EXPECT_EQ(label_report("Low lung volumes, lungs clear."), Labels());
}

TEST(ChexpertRules, MentionsSayWhichWordDecided) {
  const auto mentions = find_mentions("No large effusion. Possible left pneumonia.");
  ASSERT_EQ(mentions.size(), 2u);
  EXPECT_EQ(mentions[0].observation, "Pleural Effusion");
  EXPECT_EQ(mentions[0].phrase, "effusion");
  EXPECT_EQ(mentions[0].cue, "no");
  EXPECT_EQ(mentions[0].label, 0);
  EXPECT_EQ(mentions[1].rule, "hedge before the mention");
  EXPECT_EQ(mentions[1].cue, "possible");
}

TEST(ChexpertRules, MentionsAggregateToTheReportsLabels) {
  for (const char* report : {"Signs of CHF.", "No edema. Effusion or edema. Edema.", "Old granuloma.",
           "PICC line in place.", "Stable mediastinum.", "Stable mediastinum. No edema."})
    EXPECT_EQ(aggregate_report(find_mentions(report)), label_report(report)) << report;
}

TEST(ChexpertRules, HeartFailureMakesCardiomegalyUncertain) {
  EXPECT_EQ(label_report("Signs of CHF."), (Labels{{"Cardiomegaly", -1}, {"Edema", 1}}));
  EXPECT_FALSE(label_report("No heart failure.").contains("Cardiomegaly"));
}

TEST(ChexpertRules, DevicesAloneLeaveNoFindingButAGranulomaDoesNot) {
  EXPECT_EQ(label_report("A tube and two lines are in place."), (Labels{{"No Finding", 1}, {"Support Devices", 1}}));
  EXPECT_EQ(label_report("There is one old granuloma."), Labels());
}

TEST(ChexpertRules, AggregationFollowsTheTable) {
  using V = std::vector<int>;
  EXPECT_EQ(aggregate_mentions(V{1}), 1);
  EXPECT_EQ(aggregate_mentions(V{0, 0}), 0);
  EXPECT_EQ(aggregate_mentions(V{-1}), -1);
  EXPECT_EQ(aggregate_mentions(V{1, 0}), 1);
  EXPECT_EQ(aggregate_mentions(V{1, -1}), 1);
  EXPECT_EQ(aggregate_mentions(V{0, -1}), -1);
  EXPECT_EQ(aggregate_mentions(V{1, 0, -1}), -1);
  EXPECT_EQ(aggregate_mentions(V{}), std::nullopt);
  EXPECT_THROW(aggregate_mentions(V{2}), Error);
}

TEST(ChexpertRules, AnyBytesAreRead) {
  EXPECT_EQ(label_report(""), (Labels{{"No Finding", 1}}));
  EXPECT_EQ(label_report(std::string_view("\0\xff\xfe ef\xc3\xa9usion", 12)), (Labels{{"No Finding", 1}}));
  EXPECT_EQ(label_report("EDE\xe2\x80\x8bMA...").at("Edema"), 1);  // bytes outside printable ASCII are dropped
  EXPECT_NO_THROW(label_report(std::string(20000, '.')));
  EXPECT_NO_THROW(label_report(std::string(20000, '-') + "mass"));
}

TEST(ChexpertRules, NoPhraseOfTheLexiconIsLost) {
  for (const Phrase& phrase : mention_phrases()) {
    const auto mentions = find_mentions("abnormal " + std::string(phrase.text) + " x");
    EXPECT_NE(mention_of(mentions, std::string(observation_name(phrase.observation))), nullptr) << phrase.text;
  }
}

}  // namespace
}  // namespace hilum
