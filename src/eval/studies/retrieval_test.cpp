#include "eval/studies/retrieval.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"

namespace hilum {
namespace {

using testing::HasSubstr;

double value(const RetrievalResult& result, const std::string& name) {
  for (const RetrievalRow& row : result.rows)
    if (row.name.starts_with(name)) return row.value.value;
  ADD_FAILURE() << "no " << name;
  return 0;
}

// Angles on the circle: what is near is plain to see.
std::vector<float> circle(const std::vector<double>& degrees, float length = 1) {
  std::vector<float> rows;
  for (const double angle : degrees) {
    rows.push_back(length * static_cast<float>(std::cos(angle * M_PI / 180)));
    rows.push_back(length * static_cast<float>(std::sin(angle * M_PI / 180)));
  }
  return rows;
}

const std::vector<double> kAngles = {0, 10, 25, 90, 101};
std::vector<RetrievalStudy> studies() {
  return {{"a", "p1", {"Edema"}}, {"b", "p1", {"Edema"}}, {"c", "p2", {"Mass"}}, {"d", "p3", {"Mass"}},
      {"e", "p4", {"Mass"}}};
}

TEST(Retrieval, PrecisionAndRecallByLabelAreThoseOfTheCircle) {
  const std::vector<float> rows = circle(kAngles, 3);  // lengths do not matter
  const RetrievalResult result = evaluate_retrieval(studies(), {rows, 2}, {}, {}, {.ks = {1, 2}});
  // Nearest: a: b c; b: a c; c: b a; d: e c; e: d c. Edema: precision@1 1, 1. Mass: 0, 1, 1.
  EXPECT_DOUBLE_EQ(value(result, "precision@1"), (1 + 2. / 3) / 2);
  EXPECT_DOUBLE_EQ(value(result, "precision@2"), (.5 + (0 + 1 + 1) / 3.) / 2);
  EXPECT_DOUBLE_EQ(value(result, "recall@1"), (1 + 2. / 3) / 2);
  EXPECT_DOUBLE_EQ(value(result, "recall@2"), (1 + 2. / 3) / 2);
}

TEST(Retrieval, StudiesOfOnesOwnPatientCanBeLeftOut) {
  const std::vector<float> rows = circle(kAngles);
  const RetrievalResult result = evaluate_retrieval(studies(), {rows, 2}, {}, {}, {.ks = {1}, .other_patients = true});
  EXPECT_DOUBLE_EQ(value(result, "precision@1"), (0 + 2. / 3) / 2);  // a and b find c now
}

TEST(Retrieval, OwnReportIsFoundWithTiesAgainstIt) {
  const std::vector<float> images = circle({0, 40, 80}), texts = circle({5, 5, 85});  // two reports alike
  const std::vector<RetrievalStudy> three = {{"a", "a", {}}, {"b", "b", {}}, {"c", "c", {}}};
  const RetrievalResult result = evaluate_retrieval(three, {images, 2}, {texts, 2}, {}, {.ks = {1, 2}});
  // a: its own and b's are equally near: one counts as nearer. b: likewise. c: its own is nearest.
  EXPECT_DOUBLE_EQ(value(result, "image to report recall@1"), 1. / 3);
  EXPECT_DOUBLE_EQ(value(result, "image to report recall@2"), 1);
  EXPECT_DOUBLE_EQ(value(result, "report to image recall@1"), 2. / 3);  // b's report finds a
}

TEST(Retrieval, EmbeddingsThatAreAllAlikeFindNothing) {
  const std::vector<float> rows = circle({30, 30, 30, 30, 30});
  const RetrievalResult result = evaluate_retrieval(studies(), {rows, 2}, {rows, 2}, {}, {.ks = {1}});
  EXPECT_EQ(value(result, "image to report recall@1"), 0);
}

TEST(Retrieval, TextSearchAreaIsOfTheCosineOverAllImages) {
  const std::vector<float> rows = circle(kAngles), texts = circle({0, 60, 0});
  const LabelQueries queries{{"Edema", "Mass", "Fracture"}, {texts, 2}};
  const RetrievalResult result = evaluate_retrieval(studies(), {rows, 2}, {}, queries, {.ks = {1}});
  EXPECT_DOUBLE_EQ(value(result, "AUC, Edema"), 1);
  EXPECT_DOUBLE_EQ(value(result, "AUC, Mass"), 1);  // 25, 90, 101 are nearer to 60 than 0 and 10
  EXPECT_DOUBLE_EQ(value(result, "text search AUC, mean of 2 labels"), 1);
  ASSERT_EQ(result.excluded.size(), 1u);
  EXPECT_EQ(result.excluded[0].first, "Fracture");
  const std::vector<float> swapped = circle({101, 0});
  const RetrievalResult worse =
      evaluate_retrieval(studies(), {rows, 2}, {}, {{"Edema", "Mass"}, {swapped, 2}}, {.ks = {1}});
  EXPECT_DOUBLE_EQ(value(worse, "text search AUC, mean"), 0);
}

TEST(Retrieval, RowsThatFailedAreLeftOutAndNamed) {
  std::vector<float> rows = circle(kAngles);
  rows[2] = NAN;          // b
  rows[8] = rows[9] = 0;  // e
  const RetrievalResult result = evaluate_retrieval(studies(), {rows, 2}, {}, {}, {.ks = {1}});
  EXPECT_EQ(result.num_studies, 3);
  ASSERT_EQ(result.problems.size(), 2u);
  EXPECT_EQ(result.problems[0].study_id, "b");
  EXPECT_EQ(result.problems[0].row, 2);
  ASSERT_EQ(result.excluded.size(), 1u);  // Edema has a alone now
  EXPECT_THAT(result.excluded[0].second, HasSubstr("one study alone"));
  EXPECT_DOUBLE_EQ(value(result, "precision@1"), .5);  // c finds a, d finds c
  EXPECT_THROW(evaluate_retrieval(studies(), {rows, 2}, {}, {}, {.ks = {1}, .strict = true}), Error);
}

TEST(Retrieval, RowsThatDoNotFitAreRefused) {
  const std::vector<float> rows = circle(kAngles), fewer = circle({0, 1}), wide(15, 1.f);
  EXPECT_THROW(evaluate_retrieval(studies(), {fewer, 2}, {}, {}), Error);
  EXPECT_THROW(evaluate_retrieval(studies(), {rows, 2}, {fewer, 2}, {}), Error);
  EXPECT_THROW(evaluate_retrieval(studies(), {rows, 2}, {wide, 3}, {}), Error);
  EXPECT_THROW(evaluate_retrieval(studies(), {rows, 2}, {}, {{"Edema"}, {fewer, 2}}), Error);
  EXPECT_THROW(evaluate_retrieval(studies(), {rows, 2}, {}, {}, {.ks = {0}}), Error);
  EXPECT_THROW(evaluate_retrieval({{"a", "a", {}}, {"b", "b", {}}}, {circle({0, 1}), 2}, {}, {}), Error);  // no label
}

}  // namespace
}  // namespace hilum
