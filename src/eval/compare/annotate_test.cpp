#include "eval/compare/annotate.h"

#include <algorithm>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "eval/compare/compare_reports.h"

namespace hilum {
namespace {

Study text_study(const std::string& id, const std::string& text) {
  Study made;
  made.study_id = id;
  made.report = text;
  return made;
}

Report text_report(const std::string& id, const std::string& text) {
  Report made;
  made.study_id = id;
  made.report = text;
  return made;
}

// Models that count what they are asked.
struct Counted {
  std::map<std::string, int> labelled, graphed;
  int label_calls = 0;
  ReportModels models;

  Counted() {
    models.labeler = "a labeler";
    models.label = [this](std::span<const std::string> texts) {
      ++label_calls;
      for (const std::string& text : texts) ++labelled[text];
      std::vector<Labels> labels;
      for (const std::string& text : texts) labels.push_back({{text, 1}});
      return labels;
    };
    models.grapher = "a grapher";
    models.graph = [this](const std::string& text) {
      ++graphed[text];
      return RadGraph{.text = text, .entities = {}};
    };
  }
};

// Three references of two texts; two systems, one of which copies, and once says nothing.
const std::vector<Study> kReferences = {
    text_study("a", "Clear."), text_study("b", "A nodule."), text_study("c", "Clear.")};
const std::vector<System> kSystems = {
    {"copies", {text_report("a", "Clear."), text_report("b", "A  nodule."), text_report("c", "")}},
    {"guesses", {text_report("a", "Edema."), text_report("b", "Clear."), text_report("c", "Edema.")}}};

TEST(Annotate, EachDistinctTextIsReadOnce) {
  Counted counted;
  std::vector<Problem> problems;
  const AnnotatedStudies annotated =
      annotate(match_studies(kReferences, kSystems).studies, {"copies", "guesses"}, counted.models, problems);
  const std::map<std::string, int> once = {{"A nodule.", 1}, {"Clear.", 1}, {"Edema.", 1}};
  EXPECT_EQ(counted.labelled, once);
  EXPECT_EQ(counted.graphed, once);
  EXPECT_EQ(counted.label_calls, 1);      // all at once, for a batch
  EXPECT_EQ(annotated.texts.size(), 4u);  // and the empty one, which no model is asked about
  ASSERT_EQ(annotated.studies.size(), 3u);
  EXPECT_EQ(annotated.studies[0].text, annotated.studies[2].text);
  EXPECT_EQ(annotated.studies[1].text, annotated.studies[1].reports[0].text);  // blanks are collapsed
}

TEST(Annotate, EveryReportHasTheAnnotationOfItsText) {
  Counted counted;
  std::vector<Problem> problems;
  const AnnotatedStudies annotated =
      annotate(match_studies(kReferences, kSystems).studies, {"copies", "guesses"}, counted.models, problems);
  const auto expect = [&](size_t text, const std::string& words) {
    EXPECT_EQ(annotated.texts[text].text, words);
    EXPECT_EQ(annotated.texts[text].labels, (Labels{{words, 1}}));
    EXPECT_EQ(annotated.texts[text].graph.text, words);
  };
  expect(annotated.studies[0].text, "Clear.");
  expect(annotated.studies[1].text, "A nodule.");
  expect(annotated.studies[0].reports[1].text, "Edema.");
  expect(annotated.studies[1].reports[1].text, "Clear.");
  // An empty report says nothing, not even that nothing was found.
  const Annotation& empty = annotated.texts[annotated.studies[2].reports[0].text];
  EXPECT_EQ(empty.text, "");
  EXPECT_TRUE(empty.labels.empty());
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].side, "copies");
  EXPECT_EQ(problems[0].study_id, "c");
}

TEST(Annotate, BoxesAreOfTheReportNotOfItsText) {
  Study reference = text_study("a", "");
  reference.findings = {{"A nodule.", {{{0, 0, .5, .5}}}}};
  Report right = text_report("a", ""), wrong = text_report("a", "");
  right.findings = reference.findings;
  wrong.findings = {{"A nodule.", {{{.5, .5, 1, 1}, {-1, 0, 1, 1}}}}};
  const std::vector<Study> references = {reference};
  const std::vector<System> systems = {{"right", {right}}, {"wrong", {wrong}}};
  std::vector<Problem> problems;
  const AnnotatedStudies annotated =
      annotate(match_studies(references, systems).studies, {"right", "wrong"}, {}, problems);
  const std::vector<AnnotatedReport>& reports = annotated.studies[0].reports;
  EXPECT_EQ(annotated.texts.size(), 1u);
  EXPECT_EQ(reports[0].boxes.iou(), 1);
  EXPECT_EQ(reports[1].boxes.iou(), 0);
  EXPECT_EQ(reports[1].boxes.predicted, 112 * 112);  // the box outside the image is left out
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_THAT(problems[0].problem, testing::HasSubstr("1 boxes outside"));
}

// The baseline gives one text to all studies: it costs nothing to label.
TEST(Annotate, ABaselineAddsNoTextToRead) {
  Counted counted;
  CompareOptions options{.rounds = 1};
  options.models = counted.models;
  const Comparison comparison = compare_reports(kReferences, kSystems, options);
  EXPECT_EQ(comparison.systems.size(), 3u);
  EXPECT_EQ(counted.labelled.size(), 3u);
  for (const auto& [text, times] : counted.labelled) EXPECT_EQ(times, 1) << text;
  for (const auto& [text, times] : counted.graphed) EXPECT_EQ(times, 1) << text;
}

}  // namespace
}  // namespace hilum
