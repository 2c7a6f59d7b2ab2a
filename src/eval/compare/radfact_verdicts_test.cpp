#include "eval/boxes/radfact_verdicts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "eval/compare/compare_reports.h"

namespace hilum {
namespace {

using testing::HasSubstr;

const BoxNorm kLowerHalf = {.3, .6, .5, .8}, kUpper = {.3, .1, .5, .3};

RadFactVerdicts parsed(const std::string& text) {
  std::vector<Problem> problems;
  RadFactVerdicts verdicts = parse_radfact_verdicts(text, "v.jsonl", problems);
  EXPECT_TRUE(problems.empty()) << problems_text(problems);
  return verdicts;
}

TEST(RadFactVerdicts, OnePhraseALine) {
  const RadFactVerdicts verdicts = parsed(
      "{\"study_id\":\"a\",\"direction\":\"prediction\",\"phrase\":\"A "
      "nodule.\",\"entailed\":true,\"evidence\":[\"Nodule\"],\"judge\":\"llama\"}\n\n"
      "{\"study_id\":\"a\",\"direction\":\"reference\",\"phrase\":\"Nodule\",\"status\":\"neutral\"}\n"
      "{\"study_id\":\"a\",\"system\":\"other\",\"direction\":\"reference\",\"phrase\":\"Nodule\",\"status\":"
      "\"entailment\",\"evidence\":[\"x\"]}\n");
  EXPECT_EQ(verdicts.studies.size(), 2u);
  const StudyVerdicts& first = verdicts.studies.at({"", "a"});
  ASSERT_EQ(first.prediction.size(), 1u);
  EXPECT_TRUE(first.prediction[0].entailed);
  EXPECT_EQ(first.prediction[0].evidence, std::vector<std::string>{"Nodule"});
  EXPECT_FALSE(first.reference.at(0).entailed);
  EXPECT_TRUE(verdicts.studies.at({"other", "a"}).reference.at(0).entailed);
  EXPECT_THAT(verdicts.group(), HasSubstr("verdicts of llama"));
}

TEST(RadFactVerdicts, OneStudyALineAsInTheOriginalsExamples) {
  const RadFactVerdicts verdicts = parsed(
      "{\"study_id\":\"a\",\"output\":{\"phrases_A_evidenced\":[{\"phrase\":\"A "
      "nodule.\",\"status\":\"entailment\",\"evidence\":[\"Nodule\"]}],"
      "\"phrases_B_evidenced\":[{\"phrase\":\"Nodule\",\"status\":\"contradiction\",\"evidence\":[]}]}}");
  const StudyVerdicts& study = verdicts.studies.at({"", "a"});
  EXPECT_TRUE(study.prediction.at(0).entailed);
  EXPECT_FALSE(study.reference.at(0).entailed);
}

TEST(RadFactVerdicts, LinesThatCannotBeReadAreProblemsByLine) {
  std::vector<Problem> problems;
  const RadFactVerdicts verdicts = parse_radfact_verdicts(
      "{\"study_id\":\"a\",\"direction\":\"prediction\",\"phrase\":\"A\",\"entailed\":true,\"evidence\":[\"B\"]}\n"
      "{\"study_id\":\"b\",\"direction\":\"sideways\",\"phrase\":\"A\",\"entailed\":true}\n"
      "{\"study_id\":\"c\",\"direction\":\"reference\",\"phrase\":\"A\",\"status\":\"perhaps\"}\n"
      "{\"study_id\":\"d\",\"direction\":\"reference\",\"phrase\":\"A\",\"entailed\":1}\n"
      "{\"study_id\":\"e\",\"direction\":\"reference\",\"phrase\":\"A\"}\n"
      "{\"study_id\":\"f\",\"direction\":\"reference\",\"phrase\":\"A\",\"entailed\":true,\"evidence\":\"B\"}\n"
      "{\"study_id\":\"g\",\"output\":{\"phrases_A_evidenced\":{}}}\n"
      "[1]\n{\"direction\":\n",
      "v.jsonl", problems);
  EXPECT_EQ(verdicts.studies.size(), 1u);
  ASSERT_EQ(problems.size(), 8u);
  EXPECT_EQ(problems[0].row, 2);
  EXPECT_EQ(problems[0].study_id, "b");
  EXPECT_THAT(problems[1].problem, HasSubstr("perhaps"));
  EXPECT_EQ(problems[7].row, 9);
}

TEST(RadFactVerdicts, ParaphrasesCountAndTheirBoxesAreCompared) {
  const std::vector<Finding> prediction = {{"Small nodule at the base.", {{kLowerHalf}}}, {"No effusion.", {}}};
  const std::vector<Finding> reference = {
      {"There is a basal nodule", {{kLowerHalf}}}, {"Pleural spaces are clear", {}}, {"Old fracture.", {{kUpper}}}};
  const StudyVerdicts verdicts = {{{"small nodule at the base", true, {"there is a basal nodule."}},
                                      {"No effusion", true, {"Pleural spaces are clear."}}},
      {{"There is a basal nodule", true, {"Small nodule"}}, {"Pleural spaces are clear", true, {"No effusion."}},
          {"Old fracture", false, {}}}};
  std::vector<Problem> problems;
  const RadFactStudy study = radfact_judged(prediction, reference, verdicts, "model", "a", problems);
  EXPECT_TRUE(problems.empty()) << problems_text(problems);
  EXPECT_EQ(*study.candidate.logical(), 1);
  EXPECT_DOUBLE_EQ(*study.reference.logical(), 2. / 3);
  EXPECT_EQ(*study.candidate.spatially(), 1);
  EXPECT_EQ(*study.reference.spatially(), .5);
  EXPECT_EQ(*study.reference.grounding(), 1);
}

TEST(RadFactVerdicts, WhatIsMissingOrTooMuchIsListedAndCountsAsNotEntailed) {
  const std::vector<Finding> prediction = {{"A.", {}}, {"B.", {}}, {"C.", {}}}, reference = {{"A.", {}}};
  const StudyVerdicts verdicts = {{{"A", true, {"A"}}, {"B", true, {}}, {"D", true, {"A"}}}, {}};
  std::vector<Problem> problems;
  const RadFactStudy study = radfact_judged(prediction, reference, verdicts, "model", "a", problems);
  EXPECT_DOUBLE_EQ(*study.candidate.logical(), 1. / 3);
  EXPECT_EQ(study.reference.logical(), std::nullopt);  // nothing was asked in this direction
  ASSERT_EQ(problems.size(), 4u);
  EXPECT_THAT(problems[0].problem, HasSubstr("does not say \"D\""));
  EXPECT_THAT(problems[1].problem, HasSubstr("\"B.\" is called entailed without evidence"));
  EXPECT_THAT(problems[2].problem, HasSubstr("no verdict on \"C.\""));
  EXPECT_THAT(problems[3].problem, HasSubstr("any phrase of the reference"));
}

TEST(RadFactVerdicts, EqualPhrasesTakeTheirVerdictsInOrder) {
  const std::vector<Finding> prediction = {{"Scar.", {}}, {"Scar.", {}}, {"Scar.", {}}}, reference = {{"Scar.", {}}};
  std::vector<Problem> problems;
  const StudyVerdicts verdicts = {{{"Scar", false, {}}, {"Scar", true, {"Scar"}}}, {{"Scar", true, {"Scar"}}}};
  EXPECT_DOUBLE_EQ(*radfact_judged(prediction, reference, verdicts, "m", "a", problems).candidate.logical(), 1. / 3);
  EXPECT_TRUE(problems.empty());
}

TEST(RadFactVerdicts, APlainTextHasThePhrasesThatWereJudged) {
  std::vector<Problem> problems;
  const StudyVerdicts verdicts = {{{"A", true, {"a."}}, {"B", false, {}}}, {{"A", true, {"A"}}}};
  const RadFactStudy study = radfact_judged({}, {}, verdicts, "m", "a", problems);
  EXPECT_EQ(*study.candidate.logical(), .5);
  EXPECT_EQ(*study.reference.logical(), 1);
  EXPECT_EQ(study.candidate.spatially(), std::nullopt);
}

// Two references; the verdicts know one of them, and one that is not there.
TEST(RadFactVerdicts, AComparisonUsesThemInsteadOfEqualSentences) {
  const auto study = [](const char* id) {
    Study made;
    made.study_id = id;
    made.findings = {{"There is a nodule.", {{kLowerHalf}}}};
    return made;
  };
  const auto report = [](const char* id) {
    Report made;
    made.study_id = id;
    made.findings = {{"A nodule.", {{kLowerHalf}}}};
    return made;
  };
  CompareOptions options{.rounds = 10, .baseline = false};
  const auto logical = [&] {
    const Comparison comparison =
        compare_reports({study("a"), study("b")}, {{"model", {report("a"), report("b")}}}, options);
    for (const MetricRow& row : comparison.metrics)
      if (row.name == "logical precision") return std::pair{row, comparison.problems};
    return std::pair{MetricRow{}, comparison.problems};
  };
  EXPECT_EQ(logical().first.group, kRadFactExactName);
  EXPECT_EQ(logical().first.systems[0].value, 0);
  options.verdicts = std::make_shared<RadFactVerdicts>(
      parsed("{\"study_id\":\"a\",\"direction\":\"prediction\",\"phrase\":\"A "
             "nodule.\",\"entailed\":true,\"evidence\":[\"There is a nodule\"]}\n"
             "{\"study_id\":\"a\",\"direction\":\"reference\",\"phrase\":\"There is a "
             "nodule.\",\"entailed\":true,\"evidence\":[\"A nodule\"]}\n"
             "{\"study_id\":\"z\",\"direction\":\"reference\",\"phrase\":\"A\",\"entailed\":false}\n"));
  const auto [row, problems] = logical();
  EXPECT_THAT(row.group, HasSubstr("recorded verdicts"));
  EXPECT_EQ(row.systems[0].value, 1);  // of study a alone
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_EQ(problems[0].study_id, "b");
  EXPECT_EQ(problems[1].study_id, "z");
  options.strict = true;
  EXPECT_THROW(logical(), Error);
}

}  // namespace
}  // namespace hilum
