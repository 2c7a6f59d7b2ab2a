#include "eval/compare/compare_reports.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "eval/compare/compare_output.h"
#include "eval/compare/resample.h"
#include "eval/report_text.h"

namespace hilum {
namespace {

using testing::HasSubstr;

const BoxNorm kLower = {.3, .6, .5, .8}, kShifted = {.3, .65, .5, .85};

Study study(const std::string& id, std::vector<Finding> findings) {
  Study made;
  made.study_id = id;
  made.patient_id = "p" + id;
  made.findings = std::move(findings);
  return made;
}

Report report(const std::string& id, std::vector<Finding> findings) {
  Report made;
  made.study_id = id;
  made.findings = std::move(findings);
  return made;
}

// Four references, two of them with one text; the model is right on a, half right on b, silent on c's edema, and
// misplaces d's box.
std::vector<Study> references() {
  return {study("a", {{"The lungs are clear.", {}}}),
      study("b", {{"Small effusion.", {{kLower}}}, {"Mild edema.", {}}}), study("c", {{"Mild edema.", {}}}),
      study("d", {{"The lungs are clear.", {}}, {"A nodule.", {{kLower}}}}),
      study("e", {{"The lungs are clear.", {}}})};
}

System model() {
  return {"model", {report("e", {{"The lungs are clear.", {}}}), report("a", {{"The lungs are clear.", {}}}),
                       report("b", {{"Small effusion.", {{kShifted}}}}), report("c", {{"No edema.", {}}}),
                       report("d", {{"A nodule.", {{{0, 0, .1, .1}}}}})}};
}

double value(const Comparison& comparison, const std::string& group, const std::string& name, size_t system = 0) {
  for (const MetricRow& metric : comparison.metrics)
    if (metric.group.find(group) != std::string::npos && metric.name.starts_with(name))
      return metric.systems[system].value;
  ADD_FAILURE() << "no metric " << name;
  return 0;
}

TEST(CompareReports, LabelScoresAreThoseWorkedOutByHand) {
  const Comparison comparison = compare_reports(references(), {model()});
  ASSERT_EQ(comparison.systems, (std::vector<std::string>{"model", "most common report"}));
  // References: a, e No Finding; b effusion, edema; c edema; d lesion: 6 positives. Model: No Finding on a, e and c;
  // effusion; lesion: 5. Right: No Finding a, e; effusion; lesion.
  EXPECT_DOUBLE_EQ(value(comparison, "on both texts", "label micro-F1, 14"), 2 * 4 / (6. + 5));
  EXPECT_DOUBLE_EQ(value(comparison, "on both texts", "label micro-precision, 14"), 4. / 5);
  EXPECT_DOUBLE_EQ(value(comparison, "on both texts", "label micro-recall, 14"), 4. / 6);
  EXPECT_DOUBLE_EQ(value(comparison, "on both texts", "label micro-F1, 13"), 2 * 2 / (4. + 2));
  EXPECT_DOUBLE_EQ(value(comparison, "on both texts", "label micro-F1, 5"), 2 * 1 / (3. + 1));
  EXPECT_DOUBLE_EQ(value(comparison, "on both texts", "label macro-F1, 14"), (2 * 2 / (2. + 3) + 1 + 1 + 0) / 14);
  // The baseline says "The lungs are clear." five times: No Finding, right twice.
  EXPECT_EQ(comparison.most_common_report, "The lungs are clear.");
  EXPECT_EQ(comparison.most_common_count, 2);
  EXPECT_DOUBLE_EQ(value(comparison, "on both texts", "label micro-F1, 14", 1), 2 * 2 / (6. + 5));
  EXPECT_EQ(comparison.studies[1].systems[0].label_f1, 2 * 1 / (2. + 1));
}

TEST(CompareReports, BoxScoresAreThoseOfTheMasks) {
  const Comparison comparison = compare_reports(references(), {model()});
  // b overlaps as in the sheet's second example, d not at all; the others have no boxes.
  EXPECT_NEAR(value(comparison, "mean over studies", "box precision"), .755555556 / 2, 1e-8);
  EXPECT_NEAR(value(comparison, "mean over studies", "box recall"), .755555556 / 2, 1e-8);
  EXPECT_NEAR(value(comparison, "mean over studies", "box IoU"), .607142857 / 2, 1e-8);
  EXPECT_NEAR(value(comparison, "pixels of all studies", "box precision"), 1530. / (2025 + 22 * 22), 1e-8);
  EXPECT_NEAR(value(comparison, "pixels of all studies", "box recall"), 1530. / 4050, 1e-8);
  EXPECT_TRUE(std::isnan(value(comparison, "mean over studies", "box precision", 1)));  // the baseline has no boxes
  EXPECT_EQ(value(comparison, "mean over studies", "box recall", 1), 0);
}

TEST(CompareReports, TextScoresAreMeansOrCorpusCounts) {
  const Comparison comparison = compare_reports(references(), {model()});
  // a, e equal; b "small effusion mild edema" / "small effusion"; c "mild edema" / "no edema"; d "the lungs are clear a
  // nodule" / "a nodule".
  EXPECT_NEAR(
      value(comparison, "ROUGE", "ROUGE-1"), (1 + 2 * 1 * .5 / 1.5 + .5 + 2 * 1 * (1. / 3) / (4. / 3) + 1) / 5, 1e-12);
  EXPECT_NEAR(
      value(comparison, "ROUGE", "ROUGE-L"), (1 + 2 * 1 * .5 / 1.5 + .5 + 2 * 1 * (1. / 3) / (4. / 3) + 1) / 5, 1e-12);
  // Words with a closing " .": 27 wanted (5 6 3 8 5), 19 said (5 3 3 3 5), 18 of them right.
  EXPECT_NEAR(value(comparison, "pycocoevalcap", "BLEU-1"), std::exp(1 - 27. / 19) * 18 / 19, 1e-6);
  EXPECT_GT(value(comparison, "sacrebleu", "BLEU-4"), 1);  // 0-100
}

TEST(CompareReports, FormIsCounted) {
  System system = model();
  system.reports[0].finish = Finish::kLength;                    // e
  system.reports[1].findings.clear();                            // a
  system.reports[2].findings[0].boxes = std::vector<BoxNorm>{};  // b
  const Comparison comparison = compare_reports(references(), {system});
  EXPECT_DOUBLE_EQ(value(comparison, "form", "well-formed"), 2. / 5);
  EXPECT_DOUBLE_EQ(value(comparison, "form", "distinct"), 5. / 5);
  EXPECT_DOUBLE_EQ(value(comparison, "form", "distinct", 1), 1. / 5);
  EXPECT_DOUBLE_EQ(value(comparison, "form", "reports equal"), 1. / 5);
  EXPECT_EQ(comparison.studies[0].systems[0].not_well_formed, "no text");
  EXPECT_EQ(comparison.studies[1].systems[0].not_well_formed, "an empty list of boxes");
  EXPECT_EQ(comparison.studies[4].systems[0].not_well_formed, "finish is \"length\"");
}

TEST(CompareReports, EmptyReportIsNotCreditedWithNoFinding) {
  System system = model();
  system.reports[1].findings.clear();  // a, whose reference is normal
  const Comparison comparison = compare_reports(references(), {system});
  EXPECT_DOUBLE_EQ(value(comparison, "on both texts", "label micro-F1, 14"), 2 * 3 / (6. + 4));
  ASSERT_EQ(comparison.problems.size(), 1u);
  EXPECT_EQ(comparison.problems[0].study_id, "a");
  EXPECT_THAT(comparison.problems[0].problem, HasSubstr("empty report"));
}

TEST(CompareReports, UnmatchedAndDoubledStudiesAreListed) {
  std::vector<Study> truth = references();
  truth.push_back(truth[1]);        // b again
  truth.push_back(study("f", {}));  // no text
  System system = model();
  system.reports.pop_back();  // d is missing
  system.reports.push_back(report("x", {{"Mild edema.", {}}}));
  system.reports.push_back(report("a", {{"Mild edema.", {}}}));
  system.reports.push_back(report("", {}));
  const Comparison comparison = compare_reports(truth, {system});
  EXPECT_EQ(comparison.num_references, 7);
  EXPECT_EQ(comparison.studies.size(), 4u);
  std::map<std::string, std::string> problems;
  for (const Problem& one : comparison.problems) problems[one.side + " " + one.study_id] = one.problem;
  EXPECT_EQ(problems, (std::map<std::string, std::string>{{"references b", "study id given twice, the first is used"},
                          {"references f", "no text, left out"}, {"model d", "no report, the study is left out"},
                          {"model x", "no reference, left out"}, {"model a", "study id given twice, the first is used"},
                          {"model ", "a report without study id, left out"}}));
  CompareOptions strict;
  strict.strict = true;
  EXPECT_THROW(compare_reports(truth, {system}, strict), Error);
  EXPECT_NO_THROW(compare_reports(references(), {model()}, strict));
}

TEST(CompareReports, BoxesOutsideThePictureAreLeftOutAndListed) {
  System system = model();
  system.reports[2].findings[0].boxes->push_back({-1, 0, 2, 1});
  const Comparison comparison = compare_reports(references(), {system});
  EXPECT_NEAR(value(comparison, "mean over studies", "box precision"), .755555556 / 2, 1e-8);
  ASSERT_EQ(comparison.problems.size(), 1u);
  EXPECT_THAT(comparison.problems[0].problem, HasSubstr("1 boxes outside"));
  EXPECT_DOUBLE_EQ(value(comparison, "form", "well-formed"), 4. / 5);
}

TEST(CompareReports, EverySystemIsScoredOnTheStudiesAllAnswered) {
  System other = model();
  other.name = "other";
  other.reports.resize(3);  // e, a, b
  const Comparison comparison = compare_reports(references(), {model(), other});
  EXPECT_EQ(comparison.studies.size(), 3u);
  for (const MetricRow& metric : comparison.metrics) {
    ASSERT_EQ(metric.systems.size(), 3u);
    ASSERT_EQ(metric.differences.size(), 2u);
    if (std::isnan(metric.systems[0].value)) continue;
    EXPECT_EQ(metric.differences[0].value, 0) << metric.name;  // the same reports
    if (metric.differences[0].rounds > 0) {
      EXPECT_EQ(metric.differences[0].low, 0) << metric.name;
      EXPECT_EQ(metric.differences[0].high, 0) << metric.name;
    }
  }
}

TEST(CompareReports, ManifestLabelsAreATruthOfTheirOwn) {
  std::vector<Study> truth = references();
  EXPECT_THAT(comparison_table(compare_reports(truth, {model()})), testing::Not(HasSubstr("manifest's labels")));
  for (Study& one : truth) one.labels = {{"Fracture", 1}};
  truth[1].labels = {{"Pleural Effusion", 1}};
  const Comparison comparison = compare_reports(truth, {model()});
  EXPECT_DOUBLE_EQ(value(comparison, "manifest's labels", "label micro-F1, 14"), 2 * 1 / (5. + 5));
  EXPECT_DOUBLE_EQ(value(comparison, "manifest's labels", "label micro-F1, 13"), 2 * 1 / (5. + 2));
}

TEST(CompareReports, BoxCompletionPairsForcedSentences) {
  const std::vector<Study> truth = {
      study("a", {{"A nodule.", {{kLower}}}, {"A nodule.", {{{0, 0, .5, .5}}}}, {"No edema.", {}}}),
      study("b", {{"Small effusion.", {{kLower}}}})};
  const System system = {
      "model", {report("a", {{"A nodule.", {{kShifted}}}, {"A nodule.", {{{0, 0, .5, .5}}}}, {"No edema.", {}}}),
                   report("b", {{"Small effusion.", {}}})}};
  CompareOptions options;
  options.box_completion = true;
  const Comparison comparison = compare_reports(truth, {system}, options);
  EXPECT_NEAR(value(comparison, "mean over phrases", "box completion precision"), (.755555556 + 1) / 2, 1e-8);
  EXPECT_NEAR(value(comparison, "mean over phrases", "box completion recall"), (.755555556 + 1 + 0) / 3, 1e-8);
  EXPECT_NEAR(value(comparison, "mean over phrases", "box completion mIoU"), (.607142857 + 1 + 0) / 3, 1e-8);
}

TEST(CompareReports, TableAndJsonNameTheVariantOfEveryNumber) {
  const Comparison comparison = compare_reports(references(), {model()});
  const std::string table = comparison_table(comparison);
  EXPECT_THAT(table, HasSubstr("5 of 5 studies scored; 95 % intervals from 1000 bootstrap draws of studies (seed 0)"));
  EXPECT_THAT(table,
      HasSubstr(
          "CheXpert-style rules on both texts, uncertain as negative (LLaVA-Rad, MAIRA)\n  label micro-F1, 14 labels"));
  EXPECT_THAT(table, HasSubstr("0.727 ["));
  const Json json = comparison_json(comparison);
  EXPECT_EQ(json["schema"], "hilum.eval.reports/1");
  EXPECT_EQ(json["studies"].size(), 5u);
  for (const Json& metric : json["metrics"]) {
    EXPECT_FALSE(metric["variant"].get<std::string>().empty());
    EXPECT_EQ(metric["systems"].size(), 2u);
  }
  EXPECT_NEAR(json["metrics"][0]["systems"][0]["value"].get<double>(), 8. / 11, 1e-12);
  EXPECT_FALSE(comparison_json(comparison, false).contains("studies"));
  EXPECT_NO_THROW(json.dump());
}

TEST(CompareReports, PatientsCanBeDrawnInsteadOfStudies) {
  CompareOptions options;
  options.by_patient = true;
  EXPECT_THAT(
      comparison_table(compare_reports(references(), {model()}, options)), HasSubstr("bootstrap draws of patients"));
  std::vector<Study> truth = references();
  truth[2].patient_id.clear();
  EXPECT_THROW(compare_reports(truth, {model()}, options), Error);
}

// The rule of CXR-LLaVA: a cell counts only where both texts are definite.
TEST(CompareReports, DroppingUncertainAndMissingCellsIsSaidWithItsShare) {
  CompareOptions options;
  options.uncertain = Uncertain::kDrop;
  const Comparison comparison = compare_reports(references(), {model()}, options);
  // Definite on both sides: b effusion (right), c edema (wrong), d lesion (right); 11 labels of 5 studies.
  EXPECT_DOUBLE_EQ(value(comparison, "CXR-LLaVA", "label cells kept"), 3. / 55);
  EXPECT_DOUBLE_EQ(value(comparison, "CXR-LLaVA", "label micro-F1, 11 labels"), 2 * 2 / (2 * 2 + 1.));
  EXPECT_DOUBLE_EQ(value(comparison, "CXR-LLaVA", "mean F1, 6 findings"),
      (1. + 0) / 2);  // effusion 1, edema 0; the others not defined
  EXPECT_DOUBLE_EQ(value(comparison, "CXR-LLaVA", "mean sensitivity, 6 findings"), (1. + 0) / 2);
  EXPECT_TRUE(std::isnan(value(comparison, "CXR-LLaVA", "mean specificity, 6 findings")));
  EXPECT_DOUBLE_EQ(value(comparison, "CXR-LLaVA", "F1, Lung Lesion"), 1);
  EXPECT_TRUE(std::isnan(value(comparison, "CXR-LLaVA", "F1, Pneumonia")));  // not 0
  EXPECT_THAT(comparison_table(comparison), HasSubstr("label cells kept of \"model\": "));
}

TEST(CompareReports, GroupsAreScoredAloneWithTheirNumber) {
  std::vector<Study> truth = references();
  for (size_t i = 0; i < truth.size(); ++i) {
    truth[i].sex = i >= 3 ? "F" : "M";
    truth[i].age_months = 12 * 60;
  }
  truth[4].age_months = 17 * 12 + 11;
  truth[3].age_months.reset();
  truth[0].images = {{"a.png", "frontal"}, {"b.png", "lateral"}};
  CompareOptions options;
  options.by = SplitBy::kSex;
  const Comparison comparison = compare_reports(truth, {model()}, options);
  ASSERT_EQ(comparison.groups.size(), 2u);
  EXPECT_EQ(comparison.groups[0].name, "F");
  EXPECT_EQ(comparison.groups[0].num_studies, 2);
  // F alone is the same as a comparison of d and e.
  const Comparison two = compare_reports({truth[3], truth[4]}, {{"model", {model().reports[4], model().reports[0]}}});
  ASSERT_EQ(two.metrics.size(), comparison.groups[0].metrics.size());
  for (size_t m = 0; m < two.metrics.size(); ++m) {
    const Interval &alone = two.metrics[m].systems[0], &grouped = comparison.groups[0].metrics[m].systems[0];
    EXPECT_TRUE(alone.value == grouped.value || (std::isnan(alone.value) && std::isnan(grouped.value)))
        << two.metrics[m].name;
    EXPECT_TRUE(alone.low == grouped.low || std::isnan(alone.low)) << two.metrics[m].name;
  }
  EXPECT_THAT(comparison_table(comparison), HasSubstr("F (n 2)"));
  EXPECT_EQ(comparison_json(comparison)["groups"][1]["studies"], 3);
  EXPECT_EQ(group_of(truth[4], SplitBy::kAge), "0-17 years");
  EXPECT_EQ(group_of(truth[1], SplitBy::kAge), "60-79 years");
  EXPECT_EQ(group_of(truth[3], SplitBy::kAge), "not given");
  EXPECT_EQ(group_of(truth[0], SplitBy::kView), "frontal + lateral");
  EXPECT_EQ(group_of(truth[1], SplitBy::kView), "not given");
}

TEST(CompareReports, DifferencesComeFromTheSameDraws) {
  System other = model();
  other.name = "other";
  for (Report& one : other.reports) one.findings = {{"The lungs are clear.", {}}};
  const Comparison comparison = compare_reports(references(), {model(), other});
  const MetricRow& f1 = comparison.metrics[0];
  EXPECT_DOUBLE_EQ(f1.differences[0].value, f1.systems[0].value - f1.systems[1].value);
  EXPECT_NEAR(
      f1.differences[0].mean, f1.systems[0].mean - f1.systems[1].mean, 1e-12);  // linear, as every draw is shared
  EXPECT_LT(f1.differences[0].sd, f1.systems[0].sd + f1.systems[1].sd);
}

// Models that read texts are asked once for each text that is new; their labels and graphs are what is scored, under
// their names.
TEST(CompareReports, ModelsReadEveryTextOnce) {
  CompareOptions options{.rounds = 20, .baseline = false};
  size_t texts_labelled = 0, texts_read = 0;
  options.models.labeler = "CheXbert";
  options.models.label = [&](std::span<const std::string> texts) {
    texts_labelled += texts.size();
    return std::vector<Labels>(texts.size(), Labels{{"Edema", 1}});
  };
  options.models.grapher = "RadGraph (test)";
  options.models.graph = [&](const std::string& text) {
    ++texts_read;
    return RadGraph{text, {{text, "OBS-DP", 0, 0, {}}}};  // equal texts give equal graphs, others nothing in common
  };
  const std::vector<Study> truth = references();
  const Comparison comparison = compare_reports(truth, {model()}, options);
  EXPECT_EQ(texts_labelled, texts_read);
  EXPECT_LE(texts_read, 2 * truth.size());
  std::map<std::string, double> values;
  for (const MetricRow& row : comparison.metrics) {
    values[row.name] = row.systems[0].value;
    EXPECT_EQ(row.group.find(kRulesName), std::string::npos) << row.group;
  }
  const double equal = values.at("reports equal to the reference (share)");
  EXPECT_NEAR(values.at("simple (RG_E)"), equal, 1e-12);
  EXPECT_NEAR(values.at("complete (RG_bar_ER)"), equal, 1e-12);
  EXPECT_EQ(values.at("label macro-F1, 5 labels"), 0.2);  // Edema is right everywhere, the others are never there
}

TEST(CompareReports, NothingToScoreThrows) {
  EXPECT_THROW(compare_reports(references(), {}), Error);
  EXPECT_THROW(compare_reports({}, {model()}), Error);
  EXPECT_THROW(compare_reports(references(), {{"model", {}}}), Error);
  EXPECT_THROW(compare_reports(references(), {model(), model()}), Error);
}

TEST(ReportText, MostCommonTakesTheFirstOfEquals) {
  const std::vector<std::string> texts = {"a", "b", "c", "b", "c"};
  EXPECT_EQ(most_common(texts).index, 1u);
  EXPECT_EQ(most_common(texts).count, 2);
}

TEST(ReportText, SentencesAreJoinedAndTheReportStandsInForNone) {
  EXPECT_EQ(text_of({{" One\n two. ", {}}, {"", {}}, {"Three.", {}}}, "not this"), "One two. Three.");
  EXPECT_EQ(text_of({}, "  plain \n text "), "plain text");
  EXPECT_EQ(text_of({}, std::nullopt), "");
}

}  // namespace
}  // namespace hilum
