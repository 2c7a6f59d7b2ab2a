// The worked examples of the curation rules.
#include "datasets/curation/summary.h"

#include <gtest/gtest.h>

namespace hilum {
namespace {

struct Worked {
  const char *findings, *impression, *soft, *strict;
};

const Worked kExamples[] = {
    {"PA and lateral views of the chest were provided demonstrating no focal consolidation, effusion or pneumothorax. "
     "Cardiomediastinal silhouette appears normal and stable. "
     "There is a compression deformity involving a mid thoracic vertebral body, which appears new from the prior chest "
     "radiograph of ___. No free air below the right "
     "hemidiaphragm. There are tiny surgical clips in the left base of neck, likely indicating prior thyroid surgery.",
        "No acute intrathoracic process. Interval development of a mid thoracic spine compression fracture.",
        "The chest x-ray findings reveal no focal consolidation, effusion or pneumothorax. The cardiomediastinal "
        "silhouette appears normal and stable. There is a compression "
        "deformity involving a mid thoracic vertebral body. There is no free air below the right hemidiaphragm. There "
        "are tiny surgical clips in the left base of neck, likely "
        "indicating prior thyroid surgery. The impression suggests that there is no acute intrathoracic process. There "
        "is a new mid thoracic spine compression fracture.",
        "The chest x-ray findings reveal no focal consolidation, effusion or pneumothorax. There is no free air below "
        "the right hemidiaphragm. There are tiny surgical clips in "
        "the left base of neck, likely indicating prior thyroid surgery. The impression suggests that there is no "
        "acute intrathoracic process."},
    {"In comparison with the study of ___, there is little change in the appearance of the right pleural effusion. The "
     "heart size is unchanged from the prior study. A right "
     "PICC terminates at the cavoatrial junction. No pneumothorax is seen on the frontal view. Mild pulmonary edema "
     "again noted at the lung bases.",
        "1. Small right pleural effusion, stable compared to ___. 2. Mild pulmonary edema. 3. Findings were discussed "
        "with Dr. ___ by phone at ___ on ___.",
        "The chest x-ray findings reveal that a right PICC terminates at the cavoatrial junction. No pneumothorax is "
        "seen. There is mild pulmonary edema noted at the lung bases. "
        "The impression suggests that there is a small right pleural effusion, stable. There is mild pulmonary edema.",
        "The chest x-ray findings reveal that a right PICC terminates at the cavoatrial junction. No pneumothorax is "
        "seen. The impression suggests that there is mild pulmonary "
        "edema."},
    {"The cardiac silhouette and mediastinum size are within normal limits. There is no pulmonary edema. There is no "
     "focal consolidation. There are no XXXX of a pleural "
     "effusion. There is no evidence of pneumothorax.",
        "Normal chest x-XXXX.",
        "The chest x-ray findings reveal that the cardiac silhouette and mediastinum size are within normal limits. "
        "There is no pulmonary edema. There is no focal consolidation. "
        "There is no evidence of pneumothorax. The impression suggests that there is a normal chest x-ray.",
        nullptr},
    {"AP and lateral views of the chest were obtained. Heart size is normal. The lungs are clear without focal "
     "consolidation, pleural effusion or pneumothorax. Degenerative "
     "changes of the thoracic spine.",
        "No acute cardiopulmonary abnormality. No acute osseous abnormalities.",
        "The chest x-ray findings reveal that the heart size is normal. The lungs are clear without focal "
        "consolidation, pleural effusion or pneumothorax. There are degenerative "
        "changes of the thoracic spine. The impression suggests that there is no acute cardiopulmonary abnormality. "
        "There are no acute osseous abnormalities.",
        nullptr},
    {"Single portable view of the chest. There is a ___ cm nodule in the right upper lobe, measuring ___ x ___ cm. "
     "Fracture of the ___ rib is seen, best seen on the lateral "
     "view. Comparison is made to ___.",
        "Right upper lobe nodule. Recommend CT.",
        "The chest x-ray findings reveal a nodule in the right upper lobe. Fracture of the rib is seen. The impression "
        "suggests that there is a right upper lobe nodule. "
        "Recommend CT.",
        nullptr},
};

TEST(Summary, WorkedExamplesInBothModes) {
  for (const Worked& w : kExamples) {
    EXPECT_EQ(summarise(w.findings, w.impression, SummaryMode::kSoft).text, w.soft);
    EXPECT_EQ(summarise(w.findings, w.impression, SummaryMode::kStrict).text, w.strict ? w.strict : w.soft);
  }
}

TEST(Summary, WhatIsTooShortIsDroppedAndTheLimitItselfIsKept) {
  for (const SummaryMode mode : {SummaryMode::kSoft, SummaryMode::kStrict}) {
    EXPECT_EQ(summarise("Lungs are clear. Heart size normal.", "No acute disease.", mode).why, "findings_short");
    EXPECT_EQ(summarise(kExamples[3].findings, "Normal.", mode).why, "impression_short");
    EXPECT_EQ(summarise("", "No acute disease.", mode).why, "missing_section");
    EXPECT_EQ(summarise(kExamples[3].findings, " ___ - . ", mode).why, "missing_section");  // no word in it
    EXPECT_EQ(summarise("one two three four five six seven eight nine ten.", "Normal chest.", mode).why, "");
    EXPECT_EQ(summarise("one two three four five six seven eight nine ___.", "Normal chest.", mode).why,
        "findings_short");  // nine words and a mask
  }
}

TEST(Summary, DroppedSentencesNameTheirRule) {
  const Summary s = summarise(kExamples[1].findings, kExamples[1].impression, SummaryMode::kSoft);
  ASSERT_EQ(s.dropped.size(), 3u);
  EXPECT_EQ(s.dropped[0].rule, "D3");
  EXPECT_EQ(s.dropped[1].rule, "X");
  EXPECT_EQ(s.dropped[2].rule, "D1");
  const Summary all = summarise("Comparison is made to the study of last year in the other hospital of this town.",
      "No change.", SummaryMode::kSoft);
  EXPECT_EQ(all.why, "empty_after_clean");
  EXPECT_EQ(all.dropped[0].rule, "D2");
}

TEST(Summary, WhatTheImpressionRepeatsIsSaidOnce) {
  const char* findings = "The lungs are clear without any focal opacity or effusion today. No pneumothorax.";
  EXPECT_EQ(summarise(findings, "No pneumothorax! Normal study of the chest.", SummaryMode::kSoft).text,
      "The chest x-ray findings reveal that the lungs are clear without any focal opacity or effusion today. There is "
      "no pneumothorax. "
      "The impression suggests that there is a normal study of the chest.");
  EXPECT_EQ(summarise(findings, "No pneumothorax.", SummaryMode::kSoft).text,
      "The chest x-ray findings reveal that the lungs are clear without any focal opacity or effusion today. There is "
      "no pneumothorax. "
      "The impression suggests that there is no pneumothorax.");
}

}  // namespace
}  // namespace hilum
