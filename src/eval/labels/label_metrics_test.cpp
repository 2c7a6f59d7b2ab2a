#include "eval/labels/label_metrics.h"
#include "eval/labels/label_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/expect_error_for_test.h"

namespace hilum {
namespace {

using testing::HasSubstr;

struct Files {
  std::vector<Problem> problems;
  LabelTable predictions, references;
  LabelEvaluation evaluate(const LabelEvalOptions& options = {}) const {
    return evaluate_labels(predictions, references, options, problems);
  }
};

Files files(const std::string& predictions, const std::string& references) {
  Files made;
  made.predictions = parse_label_table(predictions, "pred.csv", made.problems);
  made.references = parse_label_table(references, "ref.csv", made.problems);
  return made;
}

const LabelResult& label(const LabelEvaluation& evaluation, const std::string& name) {
  for (const LabelResult& one : evaluation.labels)
    if (one.label == name) return one;
  throw std::runtime_error("no label " + name);
}

const std::string kReferenceTable =
    "Study,Edema,Mass\n"
    "a,1,0\n"
    "b,1,\n"
    "c,0,-1\n"
    "d,0,1\n";

std::string all_problems(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& one : problems) text += problem_text(one) + "\n";
  return text;
}

TEST(LabelMetrics, DecisionsAreCountedPerLabel) {
  // Edema: a tp, b fn, c fp, d tn. Mass: uncertain and blank are negative: a tn, b fp, c tn, d tp.
  const LabelEvaluation evaluation =
      files("Study,Mass,Edema\nd,1,0\nc,0,1\nb,1,0\na,0,1\n", kReferenceTable).evaluate();
  const LabelResult &edema = label(evaluation, "Edema"), &mass = label(evaluation, "Mass");
  EXPECT_EQ(edema.counts.tp, 1);
  EXPECT_EQ(edema.counts.fn, 1);
  EXPECT_EQ(edema.counts.fp, 1);
  EXPECT_EQ(edema.counts.tn, 1);
  EXPECT_DOUBLE_EQ(mass.metrics[kAccuracy].value, .75);
  EXPECT_DOUBLE_EQ(mass.metrics[kSensitivity].value, 1);
  EXPECT_DOUBLE_EQ(mass.metrics[kSpecificity].value, 2. / 3);
  EXPECT_DOUBLE_EQ(mass.metrics[kPpv].value, .5);
  EXPECT_DOUBLE_EQ(mass.metrics[kNpv].value, 1);
  EXPECT_DOUBLE_EQ(mass.metrics[kF1].value, 2. / 3);
  EXPECT_TRUE(std::isnan(mass.metrics[kAuroc].value));  // decisions have no ranking
  EXPECT_DOUBLE_EQ(evaluation.means[0].metrics[kF1].value, (.5 + 2. / 3) / 2);
  EXPECT_DOUBLE_EQ(evaluation.micro_f1.value, 4. / 7);
  EXPECT_TRUE(evaluation.problems.empty());
}

TEST(LabelMetrics, UncertainCellsFollowThePolicyAndAreCounted) {
  const Files both = files("Study,Mass\na,0\nb,0\nc,1\nd,-1\n", kReferenceTable);
  // Mass: a 0/0, b blank/0, c -1/1, d 1/-1
  EXPECT_EQ(label(both.evaluate({.uncertain = Uncertain::kNegative}), "Mass").counts.fn, 1);
  EXPECT_EQ(label(both.evaluate({.uncertain = Uncertain::kPositive}), "Mass").counts.tp, 2);
  const LabelEvaluation dropped = both.evaluate({.uncertain = Uncertain::kDrop});  // a alone is definite on both sides
  EXPECT_EQ(dropped.cells_kept, 1);
  EXPECT_EQ(dropped.cells, 4);
  EXPECT_THAT(label_evaluation_table(dropped), HasSubstr("cells kept: 1 of 4 (25.0 %)"));
}

TEST(LabelMetrics, ScoresAreRankedAndCutAtTheThreshold) {
  const Files both = files("Study,Edema\na,.4\nb,.8\nc,.1\nd,.35\n", "Study,Edema\na,0\nb,1\nc,0\nd,1\n");
  const LabelResult edema = label(both.evaluate(), "Edema");
  EXPECT_TRUE(edema.has_scores);
  EXPECT_DOUBLE_EQ(edema.metrics[kAuroc].value, .75);
  EXPECT_NEAR(edema.metrics[kAveragePrecision].value, .833333333, 1e-9);
  EXPECT_DOUBLE_EQ(edema.metrics[kSensitivity].value, .5);
  EXPECT_DOUBLE_EQ(
      label(both.evaluate({.threshold = .35}), "Edema").metrics[kSensitivity].value, 1);  // at the threshold counts
}

TEST(LabelMetrics, UndefinedIsSaidAndLeftOutOfTheMeansNotZero) {
  const LabelEvaluation evaluation =
      files("Study,Edema,Mass,Nodule\na,.4,.1,.2\nb,.8,.2,.7\n", "Study,Edema,Mass,Fracture\na,0,0,1\nb,1,0,0\n")
          .evaluate();
  EXPECT_TRUE(std::isnan(label(evaluation, "Mass").metrics[kAuroc].value));
  EXPECT_TRUE(std::isnan(label(evaluation, "Mass").metrics[kSensitivity].value));
  EXPECT_DOUBLE_EQ(evaluation.means[0].metrics[kAuroc].value, 1);  // Edema's
  EXPECT_EQ(evaluation.means[0].num_defined[kAuroc], 1);
  const std::string table = label_evaluation_table(evaluation);
  EXPECT_THAT(table, HasSubstr("Mass: no positive reference"));
  EXPECT_THAT(table, HasSubstr("Fracture: no column in pred.csv"));
  EXPECT_THAT(table, HasSubstr("Nodule: no column in ref.csv"));
  EXPECT_THAT(table, HasSubstr("AUROC: over the 1 of 2 labels where it is defined"));
  EXPECT_TRUE(label_evaluation_json(evaluation)["labels"][1]["metrics"]["AUROC"]["value"].is_null());
}

TEST(LabelMetrics, RareLabelsAreLeftOutWithTheirCount) {
  const LabelEvaluation evaluation =
      files("Study,Edema,Mass\na,1,0\nb,1,1\nc,0,0\nd,0,1\n", kReferenceTable).evaluate({.min_cases = 2});
  ASSERT_EQ(evaluation.labels.size(), 1u);
  ASSERT_EQ(evaluation.excluded.size(), 1u);
  EXPECT_EQ(evaluation.excluded[0].label, "Mass");
  EXPECT_THAT(evaluation.excluded[0].why, HasSubstr("1 positive references, fewer than --min-cases 2"));
}

TEST(LabelMetrics, MeasurementsGiveMeanAbsoluteError) {
  const LabelEvaluation evaluation =
      files("id,bone_age_months\na,100\nb,130\nc,\n", "id,bone_age_months\na,104\nb,124\nc,90\n")
          .evaluate({.targets = {"bone_age_months"}});
  ASSERT_EQ(evaluation.targets.size(), 1u);
  EXPECT_EQ(evaluation.targets[0].kept, 2);
  EXPECT_DOUBLE_EQ(evaluation.targets[0].mean_absolute_error.value, 5);
  EXPECT_DOUBLE_EQ(evaluation.targets[0].mean_error.value, 1);
  EXPECT_THAT(
      all_problems(evaluation.problems), HasSubstr("pred.csv: line 4: study \"c\": bone_age_months has no value"));
}

TEST(LabelMetrics, IntervalsAreOfTheSeedAndHoldTheValue) {
  const Files both = files("Study,Edema\na,.4\nb,.8\nc,.1\nd,.35\n", "Study,Edema\na,0\nb,1\nc,0\nd,1\n");
  const auto once = label(both.evaluate({.rounds = 200, .seed = 7}), "Edema").metrics[kAuroc];
  const auto again = label(both.evaluate({.rounds = 200, .seed = 7}), "Edema").metrics[kAuroc];
  const auto other = label(both.evaluate({.rounds = 200, .seed = 8}), "Edema").metrics[kAuroc];
  EXPECT_EQ(once.mean, again.mean);
  EXPECT_NE(once.mean, other.mean);
  EXPECT_LE(once.low, once.value);
  EXPECT_GE(once.high, once.value);
  EXPECT_LT(once.rounds, 200);  // some draws hold one class alone: not counted as 0
}

TEST(LabelMetrics, EveryRowThatCannotBeUsedIsNamed) {
  const Files both = files(
      "Study,Edema\n"
      "a,1\n"
      "b,1\n"
      "b,0\n"          // line 4
      "c,yes\n"        // line 5
      "d,0,1\n"        // line 6
      "e\"x,0\n"       // line 7
      "\xe9t\xe9,0\n"  // line 8, Latin-1
      ",0\n"           // line 9
      "\"f,1\n"        // line 10
      "g,1\n",         // line 11
      "Study,Edema\na,1\nb,1\nc,0\nh,2\n");
  const LabelEvaluation evaluation = both.evaluate();
  const std::string problems = all_problems(evaluation.problems);
  EXPECT_THAT(problems, HasSubstr("pred.csv: line 4: study \"b\": study id given twice, the first is used"));
  EXPECT_THAT(problems, HasSubstr("pred.csv: line 5: study \"c\": Edema is \"yes\", not a number"));
  EXPECT_THAT(problems, HasSubstr("pred.csv: line 6: study \"d\": 3 fields, not 2"));
  EXPECT_THAT(problems, HasSubstr("pred.csv: line 7: a stray or open quote"));
  EXPECT_THAT(problems, HasSubstr("pred.csv: line 8: bytes that are not UTF-8"));
  EXPECT_THAT(problems, HasSubstr("pred.csv: line 9: no study id"));
  EXPECT_THAT(problems, HasSubstr("pred.csv: line 10: a stray or open quote"));
  EXPECT_THAT(problems, HasSubstr("pred.csv: line 11: study \"g\": not in ref.csv"));
  EXPECT_THAT(problems, HasSubstr("ref.csv: line 5: study \"h\": not in pred.csv"));
  EXPECT_EQ(evaluation.num_studies, 3);
  EXPECT_THROW(both.evaluate({.strict = true}), Error);
}

TEST(LabelMetrics, LabelsThatAreNoneAreLeftOutOfTheirCellAlone) {
  const LabelEvaluation evaluation =
      files("Study,Edema,Mass\na,1,1\nb,0,0\n", "Study,Edema,Mass\na,2,1\nb,0,0\n").evaluate();
  EXPECT_EQ(label(evaluation, "Edema").kept, 1);
  EXPECT_EQ(label(evaluation, "Mass").kept, 2);
  EXPECT_THAT(all_problems(evaluation.problems), HasSubstr("Edema is 2, not 1, 0, -1 or blank"));
}

// One positive of four studies: a draw misses it with probability (3/4)^4 = .316.
TEST(LabelMetrics, DrawsThatLeaveALabelUndefinedAreCounted) {
  const LabelEvaluation evaluation =
      files("Study,Edema,Mass\na,1,1\nb,0,0\nc,1,0\nd,0,0\n", "Study,Edema,Mass\na,1,1\nb,0,0\nc,1,0\nd,1,0\n")
          .evaluate({.rounds = 1000});
  const int missed = 1000 - label(evaluation, "Mass").metrics[kSensitivity].rounds;
  EXPECT_NEAR(missed, 316, 60);
  EXPECT_GE(evaluation.means[0].draws_of_fewer[kSensitivity], missed);
  EXPECT_EQ(evaluation.means[0].draws_of_fewer[kAccuracy], 0);
  const std::string table = label_evaluation_table(evaluation);
  EXPECT_THAT(table, HasSubstr(fmt::format("Mass, sensitivity: {} of 1000 draws\n", missed)));
  EXPECT_THAT(table, HasSubstr("of fewer labels"));
  EXPECT_EQ(label_evaluation_json(evaluation)["means"][0]["draws_of_fewer_labels"]["sensitivity"],
      evaluation.means[0].draws_of_fewer[kSensitivity]);
}

TEST(LabelMetrics, MissingScoresAreNotZero) {
  const LabelEvaluation evaluation = files("Study,Edema\na,.9\nb,\nc,.1\n", "Study,Edema\na,1\nb,1\nc,0\n").evaluate();
  EXPECT_EQ(label(evaluation, "Edema").kept, 2);
  EXPECT_DOUBLE_EQ(label(evaluation, "Edema").metrics[kSensitivity].value, 1);
  EXPECT_THAT(all_problems(evaluation.problems), HasSubstr("study \"b\": Edema has no score"));
}

TEST(LabelMetrics, WrongFilesAndNamesAreRefusedWithTheWayOut) {
  EXPECT_THROW(files("", kReferenceTable), Error);
  EXPECT_THROW(files("Study\na\n", kReferenceTable), Error);
  EXPECT_THROW(files("Study,Edema,Edema\na,1,1\n", kReferenceTable), Error);
  EXPECT_THROW(files("\xff\xfeS", kReferenceTable), Error);
  EXPECT_THROW(files("Study,Edema\n", kReferenceTable), Error);
  const Files both = files("Study,Edema,Mass\na,1,0\n", kReferenceTable);
  const Error error = expect_error([&] { both.evaluate({.labels = {"Edma"}}); });
  EXPECT_THAT(error.mend(), HasSubstr("Edema"));
  EXPECT_THROW(files("Study,Edema\nx,1\n", kReferenceTable).evaluate(), Error);   // no common study
  EXPECT_THROW(files("Study,Nodule\na,1\n", kReferenceTable).evaluate(), Error);  // no common label
  EXPECT_THROW(files("Reports,Edema\nText.,1\n", kReferenceTable).evaluate(), Error);
}

TEST(LabelMetrics, LabelerOutputWithoutIdsIsMatchedByRow) {
  const LabelEvaluation evaluation =
      files("Reports,Edema\n\"Edema, mild.\",1.0\nClear.,\n", "Reports,Edema\nA.,1.0\nB.,0.0\n").evaluate();
  EXPECT_EQ(label(evaluation, "Edema").counts.tp, 1);
  EXPECT_EQ(label(evaluation, "Edema").counts.tn, 1);
}

TEST(LabelTable, AQuotedLineBreakIsPartOfItsRow) {
  std::vector<Problem> problems;
  const LabelTable table =
      parse_label_table("Reports,Edema\n\"Edema.\nSaid \"\"mild\"\".\",1.0\r\nClear.,0.0\n", "labels.csv", problems);
  EXPECT_TRUE(problems.empty()) << all_problems(problems);
  EXPECT_EQ(table.ids, (std::vector<std::string>{"row 1", "row 2"}));
  EXPECT_EQ(table.lines, (std::vector<int64_t>{2, 4}));
}

TEST(LabelTable, LinesOfNothingButAByteOrderMarkArePassedOver) {
  std::vector<Problem> problems;
  EXPECT_THROW(parse_label_table("\n\xef\xbb\xbf", "labels.csv", problems), Error);
  const LabelTable table = parse_label_table("\xef\xbb\xbfStudy,Edema\n\xef\xbb\xbf\na,1\n", "labels.csv", problems);
  EXPECT_EQ(table.ids.size(), 1u);
  EXPECT_TRUE(problems.empty());
}

}  // namespace
}  // namespace hilum
