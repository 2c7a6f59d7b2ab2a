#include "eval/studies/phantom_scores.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "eval/studies/phantom_sentences.h"

namespace hilum {
namespace {

std::string read(const char* sentence) {
  const PhantomStatement s = read_phantom_sentence(sentence);
  return s.kind + "/" + s.side + "/" + s.change;
}

TEST(PhantomSentences, KindSideAndChangeAreRead) {
  EXPECT_EQ(read("There is a small right pleural effusion."), "effusion/right/");
  EXPECT_EQ(read("Bilateral pleural effusions have increased."), "effusion/bilateral/larger");
  EXPECT_EQ(read("The heart is mildly enlarged."), "cardiomegaly//");
  EXPECT_EQ(read("Unchanged severe cardiomegaly."), "cardiomegaly//unchanged");
  EXPECT_EQ(read("The right rib fracture is unchanged."), "fracture/right/unchanged");
  EXPECT_EQ(read("A new left central venous catheter is in place."), "central line/left/new");
  EXPECT_EQ(read("Mild pulmonary edema is present on both sides."), "edema/bilateral/");
  EXPECT_EQ(read("Consolidation in the left lower lobe has become smaller."), "consolidation/left/smaller");
  EXPECT_EQ(read("The left pneumothorax has resolved."), "pneumothorax/left/resolved");
  EXPECT_FALSE(read_phantom_sentence("The left pneumothorax has resolved.").present());
}

TEST(PhantomSentences, DenialsAndOtherSentencesStateNothing) {
  for (const char* sentence : {"No pleural effusion or pneumothorax.", "There is no rib fracture.",
           "The heart is normal in size.", "The heart size is normal.", "Both lungs are clear.",
           "The bones are intact.", "No acute bony abnormality.", ""})
    EXPECT_EQ(read(sentence), "//") << sentence;
}

TruthFinding finding(
    const char* kind, const char* side, const char* change, std::vector<BoxNorm> boxes, double contrast = 5) {
  return {.kind = kind,
      .label = "",
      .side = side,
      .change = change,
      .boxes = std::move(boxes),
      .contrast_to_noise = contrast};
}

Report report(const std::string& id, std::vector<Finding> findings) {
  Report r;
  r.study_id = id;
  r.findings = std::move(findings);
  return r;
}

const BoxNorm kRight{0.1, 0.6, 0.3, 0.8}, kLeft{0.7, 0.6, 0.9, 0.8};

const KindScore& kind_of(const PhantomScores& scores, const std::string& kind) {
  for (const KindScore& k : scores.kinds)
    if (k.kind == kind) return k;
  throw std::out_of_range(kind);
}

TEST(PhantomScores, FindingsAreCountedByKindSideAndContrast) {
  std::vector<StudyTruth> truth;
  std::vector<Report> reports;
  for (int i = 0; i < 40; ++i) {  // the faint half is missed, and one study is said to be on the wrong side
    const std::string id = "s" + std::to_string(i);
    truth.push_back({id, false, false, {finding("effusion", "right", "", {kRight}, i)}});
    std::vector<Finding> said = {{"No pneumothorax.", std::nullopt}};
    if (i >= 20)
      said.push_back({i == 39 ? "There is a left pleural effusion." : "There is a right pleural effusion.",
          std::vector<BoxNorm>{i == 39 ? kLeft : kRight}});
    reports.push_back(report(id, said));
  }
  const PhantomScores scores = score_phantoms(truth, reports, {.rounds = 20});
  const KindScore& effusion = kind_of(scores, "effusion");
  EXPECT_EQ(effusion.positives, 40);
  EXPECT_EQ(effusion.stated, 20);
  EXPECT_DOUBLE_EQ(effusion.precision, 19.0 / 20);
  EXPECT_DOUBLE_EQ(effusion.recall, 19.0 / 40);
  EXPECT_DOUBLE_EQ(effusion.box_precision, 19.0 / 20);
  ASSERT_EQ(effusion.bins.size(), 2u);
  EXPECT_DOUBLE_EQ(effusion.bins[0].contrast, 9.5);
  EXPECT_DOUBLE_EQ(effusion.bins[0].recall, 0);
  EXPECT_DOUBLE_EQ(effusion.bins[1].recall, 19.0 / 20);
  EXPECT_DOUBLE_EQ(effusion.bins[1].box_recall, 19.0 / 20);
  EXPECT_DOUBLE_EQ(
      scores.side_right.value, 1);  // it says left and marks the left: wrong, but the word agrees with the box
  EXPECT_EQ(scores.side_sentences, 20);
  EXPECT_TRUE(std::isnan(scores.change_right.value));
}

TEST(PhantomScores, SideWordsAreHeldAgainstTheBoxes) {
  const std::vector<StudyTruth> truth = {{"a", false, false, {}}, {"b", false, false, {}}};
  const PhantomScores scores = score_phantoms(truth,
      {report("a", {{"There is a left pneumothorax.", std::vector<BoxNorm>{kRight}},
                       {"Bilateral pleural effusions are seen.", std::vector<BoxNorm>{kRight, kLeft}}}),
          report("b", {{"A left pacemaker is seen.", std::vector<BoxNorm>{kRight}}})},
      {.rounds = 5});
  EXPECT_EQ(scores.side_sentences, 2);  // devices cross the midline
  EXPECT_DOUBLE_EQ(scores.side_right.value, 0.5);
}

TEST(PhantomScores, ChangeWordsAreHeldAgainstTheScene) {
  const std::vector<StudyTruth> truth = {
      {"right", true, false,
          {finding("effusion", "right", "larger", {kRight}), finding("edema", "bilateral", "resolved", {})}},
      {"wrong", true, false, {finding("effusion", "right", "larger", {kRight})}}, {"claims", true, false, {}},
      {"none", false, false, {finding("effusion", "right", "", {kRight})}}};
  const PhantomScores scores = score_phantoms(truth,
      {report("right", {{"The right pleural effusion has increased.", std::nullopt}}),  // says nothing of the oedema
          report("wrong", {{"The right pleural effusion is unchanged.", std::nullopt}}),
          report("claims", {{"New left pneumothorax.", std::nullopt}}),
          report("none", {{"There is a new right pleural effusion.", std::nullopt}})},
      {.rounds = 5});
  EXPECT_EQ(scores.with_prior, 3);
  EXPECT_DOUBLE_EQ(scores.change_right.value, 1.0 / 3);
  EXPECT_DOUBLE_EQ(scores.change_found.value, 1.0 / 3);
  EXPECT_EQ(scores.change_words_without_prior, 1);
  ASSERT_EQ(scores.changes.size(), 5u);
  EXPECT_EQ(scores.changes[1].change, "larger");
  EXPECT_EQ(scores.changes[1].findings, 2);
  EXPECT_EQ(scores.changes[1].stated, (std::map<std::string, int64_t>{{"larger", 1}, {"unchanged", 1}}));
  EXPECT_EQ(scores.changes[4].findings, 1);
  EXPECT_TRUE(scores.changes[4].stated.empty());
  EXPECT_NE(
      phantom_scores_table(scores).find(
          "larger                    2          0          1          0          1          0          0          0\n"),
      std::string::npos)
      << phantom_scores_table(scores);
}

TEST(PhantomScores, AFindingWithoutItsChangeIsRefusedByStudy) {
  const Error error = expect_error([&] {
    score_phantoms(
        {{"p7", true, false, {finding("effusion", "right", "", {kRight})}}}, {report("p7", {})}, {.rounds = 5});
  });
  EXPECT_EQ(error.where(), "p7");
}

TEST(PhantomScores, LateralFindingsAndMissingReportsCount) {
  TruthFinding hidden = finding("consolidation", "left", "", {});
  hidden.lateral_only = true;
  const std::vector<StudyTruth> truth = {{"a", false, true, {hidden}}, {"b", false, true, {hidden}}};
  const PhantomScores scores = score_phantoms(truth,
      {report("a", {{"Consolidation behind the heart is seen on the lateral view.", std::nullopt}})}, {.rounds = 5});
  EXPECT_EQ(scores.missing, 1);
  EXPECT_DOUBLE_EQ(scores.lateral_only_found.value, 0.5);
  EXPECT_EQ(kind_of(scores, "consolidation").positives, 0);  // not on the frontal film
  EXPECT_THROW(score_phantoms(truth, {report("z", {})}, {.rounds = 5}), Error);
  EXPECT_THROW(score_phantoms({}, {}, {.rounds = 5}), Error);
}

}  // namespace
}  // namespace hilum
