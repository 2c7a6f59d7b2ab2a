#include "eval/boxes/radfact.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"

namespace hilum {
namespace {

// Evaluation sheet 5.2: the two studies worked out there.
std::vector<RadFactStudy> sheet() {
  const std::vector<JudgedPhrase> candidate = {{"The cat", {{{.1, .1, .2, .2}}}, true, {0}},
      {"The dog", {{{.3, .3, .4, .4}, {.5, .5, .6, .6}}}, true, {1}}, {"The bird", {}, true, {2}},
      {"The rabbit", {}, false, {}}};
  const std::vector<JudgedPhrase> reference = {{"The cat", {{{.1, .1, .2, .2}}}, true, {0}},
      {"The dog", {{{.3, .3, .4, .4}}}, true, {1}}, {"The bird", {{{.5, .5, .6, .6}}}, true, {2}},
      {"The shark", {}, false, {}}};
  const std::vector<JudgedPhrase> plain = {
      {"No effusion", {}, true, {0}}, {"Heart normal", {}, true, {1}}, {"Rib fracture", {}, false, {}}};
  const std::vector<JudgedPhrase> boxed = {{"No effusion", {}, true, {0}}, {"Heart size normal", {}, true, {1}},
      {"Nodule", {{{.6, .2, .7, .3}}}, false, {}}, {"Line tip", {{{.45, .1, .5, .4}}}, false, {}}};
  return {{radfact_one_way(candidate, reference), radfact_one_way(reference, candidate)},
      {radfact_one_way(plain, boxed), radfact_one_way(boxed, plain)}};
}

TEST(RadFact, TheSheetsTwoStudiesAndTheirCorpus) {
  const auto studies = sheet();
  const std::vector<uint32_t> first = {0}, second = {1}, both = {0, 1};
  const RadFactScores one = radfact_scores(studies, first), two = radfact_scores(studies, second),
                      all = radfact_scores(studies, both);
  EXPECT_DOUBLE_EQ(one.logical.precision, .75);
  EXPECT_DOUBLE_EQ(one.logical.recall, .75);
  EXPECT_DOUBLE_EQ(one.spatial.precision, .5);  // half of the dog's pixels is not more than half
  EXPECT_DOUBLE_EQ(one.spatial.recall, 2. / 3);
  EXPECT_DOUBLE_EQ(one.grounding.precision, .5);
  EXPECT_DOUBLE_EQ(one.grounding.recall, 2. / 3);
  EXPECT_TRUE(std::isnan(two.spatial.precision));
  EXPECT_EQ(two.spatial.recall, 0);
  EXPECT_TRUE(std::isnan(two.grounding.recall));
  EXPECT_NEAR(all.logical.precision, .708333333, 1e-9);
  EXPECT_NEAR(all.logical.recall, .625, 1e-9);
  EXPECT_NEAR(all.logical.f1, .664062500, 1e-9);
  EXPECT_NEAR(all.spatial.recall, .333333333, 1e-9);
  EXPECT_NEAR(all.spatial.f1, .4, 1e-9);
  EXPECT_NEAR(all.grounding.f1, .571428571, 1e-9);
}

TEST(RadFact, EvidenceIsFoundByItsWords) {
  EXPECT_EQ(radfact_normal("  No  Pneumo-thorax.\n"), "no pneumothorax");
  EXPECT_EQ(radfact_normal("Right \xe2\x80\x93 left:"), "right  left");  // blanks are collapsed before dashes go
  const std::vector<std::string> phrases = {"The heart is normal.", "No effusion", "There is no pleural effusion."};
  EXPECT_EQ(radfact_evidence("no effusion.", phrases), 1u);
  EXPECT_EQ(radfact_evidence("no pleural effusion is seen", phrases), 2u);
  EXPECT_EQ(radfact_evidence("anything", {}), std::nullopt);
}

TEST(RadFact, EqualSentencesEntailEachOther) {
  const BoxNorm box = {.3, .6, .5, .8}, away = {0, 0, .1, .1};
  const std::vector<Finding> candidate = {{"Small effusion.", {{box}}}, {"A nodule.", {{away}}}, {"No edema.", {}}};
  const std::vector<Finding> reference = {{"small effusion", {{box}}}, {"A nodule", {{box}}}, {"Clear.", {}}};
  const RadFactStudy study = radfact_exact(candidate, reference);
  EXPECT_DOUBLE_EQ(*study.candidate.logical(), 2. / 3);
  EXPECT_DOUBLE_EQ(*study.candidate.spatially(), 1. / 2);
  EXPECT_DOUBLE_EQ(*study.reference.grounding(), 1. / 2);
}

TEST(RadFact, WrongJudgementsAreRefused) {
  const std::vector<JudgedPhrase> without = {{"a", {}, true, {}}}, past = {{"a", {}, true, {3}}},
                                  other = {{"b", {}, false, {}}};
  EXPECT_THROW(radfact_one_way(without, other), Error);
  EXPECT_THROW(radfact_one_way(past, other), Error);
}

}  // namespace
}  // namespace hilum
