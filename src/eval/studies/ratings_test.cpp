#include "eval/studies/ratings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "eval/studies/draw_pairs.h"

namespace hilum {
namespace {

using testing::HasSubstr;

RatingsResult evaluate(const std::string& csv, const RatingsOptions& options = {}, const std::string& key = "") {
  std::vector<Problem> problems;
  const std::vector<Rating> ratings = parse_ratings(csv, "RATINGS.csv", key, problems);
  return evaluate_ratings(ratings, options, problems);
}

// Six studies, one reader: the model is accepted on a, b, c, d (grades 1 1 2 2), the reference on a, b, e (1 2 1).
const std::string kSix =
    "study,source,rater,grade\n"
    "a,model,1,1\na,reference,1,1\nb,model,1,1\nb,reference,1,2\nc,model,1,2\nc,reference,1,3\n"
    "d,model,1,2\nd,reference,1,4\ne,model,1,3\ne,reference,1,1\nf,model,1,4\nf,reference,1,3\n";

TEST(Ratings, SourcesAreComparedAsWorkedOutByHand) {
  const RatingsResult result = evaluate(kSix);
  ASSERT_EQ(result.sources.size(), 2u);
  EXPECT_EQ(result.sources[0].name, "model");
  EXPECT_EQ(result.sources[0].grades, (std::array<int64_t, 4>{2, 2, 1, 1}));
  EXPECT_DOUBLE_EQ(result.sources[0].success.value, 4. / 6);
  EXPECT_DOUBLE_EQ(result.sources[1].success.value, 3. / 6);
  EXPECT_DOUBLE_EQ(result.differences[0].value, 1. / 6);
  // Model alone: c, d; reference alone: e. Q = (2 - 1)^2 / 3.
  EXPECT_EQ(result.between_sources.q.num_blocks, 6);
  EXPECT_DOUBLE_EQ(result.between_sources.q.q, 1. / 3);
  ASSERT_EQ(result.between_sources.pairs.size(), 1u);
  EXPECT_EQ(result.between_sources.pairs[0].test.b, 2);
  EXPECT_EQ(result.between_sources.pairs[0].test.c, 1);
  EXPECT_DOUBLE_EQ(result.between_sources.pairs[0].test.exact_p, 1);
}

TEST(Ratings, AcceptMovesTheCut) {
  const RatingsResult strict = evaluate(kSix, {.accept = 1});  // model a, b; reference a, e
  EXPECT_DOUBLE_EQ(strict.sources[0].success.value, 2. / 6);
  EXPECT_EQ(strict.between_sources.pairs[0].test.b, 1);
  EXPECT_EQ(strict.between_sources.pairs[0].test.c, 1);
  EXPECT_THROW(evaluate(kSix, {.accept = 0}), Error);
  EXPECT_THROW(evaluate(kSix, {.accept = 4}), Error);
}

// The sheet's ten items as studies, its three columns as readers of one of the sources.
TEST(Ratings, ReadersAreComparedAsInTheSheet) {
  const char* rows[] = {"110", "111", "100", "110", "000", "111", "101", "110", "110", "010"};
  std::string csv = "rater,grade,study,source\n";  // columns in another order
  for (int study = 0; study < 10; ++study)
    for (int rater = 0; rater < 3; ++rater)
      csv += fmt::format("r{},{},s{},model\n", rater, rows[study][rater] == '1' ? 2 : 3, study);
  csv += "r0,1,s0,reference\n";  // one block of it is incomplete
  const RatingsResult result = evaluate(csv);
  EXPECT_DOUBLE_EQ(result.between_raters.q.q, 6);
  EXPECT_NEAR(result.between_raters.q.p, .04978706837, 1e-10);
  EXPECT_EQ(result.between_raters.incomplete, 1);
  EXPECT_EQ(result.between_sources.incomplete, 29);
  ASSERT_EQ(result.between_raters.pairs.size(), 3u);
  EXPECT_DOUBLE_EQ(result.between_raters.pairs[1].holm_p, .1875);
  EXPECT_THAT(ratings_table(result), HasSubstr("Cochran's Q 6.0000, 2 degrees of freedom, p 0.0498"));
}

TEST(Ratings, RowsThatCannotBeUsedAreNamedAndNeverCountAsFailures) {
  const std::string bad = "g,model,1,\nh,model,1,5\ni,,1,2\nj,model,,2\na,model,1,4\n,model,1,1\nk,\"mo\"del,1,1\n";
  const RatingsResult result = evaluate(kSix + bad);
  EXPECT_DOUBLE_EQ(result.sources[0].success.value, 4. / 6);
  std::string all;
  for (const Problem& one : result.problems) all += problem_text(one) + "\n";
  EXPECT_THAT(all, HasSubstr("RATINGS.csv: line 14: study \"g\": no grade"));
  EXPECT_THAT(all, HasSubstr("line 15: study \"h\": grade is \"5\", not 1 to 4"));
  EXPECT_THAT(all, HasSubstr("line 16: study \"i\": no source"));
  EXPECT_THAT(all, HasSubstr("line 17: study \"j\": no rater"));
  EXPECT_THAT(all, HasSubstr("line 18: study \"a\": rated twice by rater \"1\", the first is used"));
  EXPECT_THAT(all, HasSubstr("line 19: no study"));
  EXPECT_THAT(all, HasSubstr("line 20: a stray or open quote"));
  EXPECT_THROW(evaluate(kSix + bad, {.strict = true}), Error);
  EXPECT_THROW(evaluate("study,source,rater\na,model,1\n"), Error);
  EXPECT_THROW(evaluate("study,source,rater,grade\na,model,1,1\n"), Error);  // one source alone
}

TEST(Ratings, KeyTellsWhatBlindedPairsAre) {
  const std::string key = "pair,study,source\np1,a,model\np2,a,reference\np3,b,model\np4,b,reference\n";
  const RatingsResult result =
      evaluate("study,source,rater,grade\np1,,x,1\np2,,x,4\np3,,x,1\np4,,x,4\np5,,x,1\n", {}, key);
  EXPECT_EQ(result.sources[0].name, "model");
  EXPECT_DOUBLE_EQ(result.sources[0].success.value, 1);
  EXPECT_EQ(result.between_sources.pairs[0].test.b, 2);
  ASSERT_EQ(result.problems.size(), 1u);
  EXPECT_THAT(result.problems[0].problem, HasSubstr("the key does not name"));
}

std::vector<Study> studies(int count) {
  std::vector<Study> made;
  for (int i = 0; i < count; ++i) {
    Study study;
    study.study_id = fmt::format("s{:03}", i);
    study.images.push_back({fmt::format("{}.png", study.study_id), "frontal"});
    study.findings.push_back({i % 2 ? "There is a small effusion." : "The lungs are clear.", {}});
    made.push_back(std::move(study));
  }
  return made;
}

System model_of(const std::vector<Study>& of) {
  System model{"model", {}};
  for (const Study& study : of) {
    Report report;
    report.study_id = study.study_id;
    report.findings.push_back({"Written by the model.", {}});
    model.reports.push_back(std::move(report));
  }
  return model;
}

TEST(ReaderDraw, TwentyFiveOfEachGiveAHundredBlindedPairs) {
  const std::vector<Study> all = studies(120);
  const System model = model_of(all);
  const ReaderDraw draw = draw_pairs(all, &model, 5);
  ASSERT_EQ(draw.pairs.size(), 100u);
  std::map<std::string, std::set<std::string>> sources;
  int normal = 0;
  for (const ReaderPair& pair : draw.pairs) {
    EXPECT_TRUE(sources[pair.study_id].insert(pair.source).second);
    if (pair.source == kReferenceSource) normal += pair.report == "The lungs are clear.";
    else EXPECT_EQ(pair.report, "Written by the model.");
  }
  EXPECT_EQ(sources.size(), 50u);
  EXPECT_EQ(normal, 25);
  // What readers get names neither study nor source; what is kept tells both.
  const std::string pairs = pairs_jsonl(draw), ratings = empty_ratings_csv(draw, 3), key = key_csv(draw);
  EXPECT_EQ(pairs.find("\"source\""), std::string::npos);
  EXPECT_EQ(ratings.find("model"), std::string::npos);
  EXPECT_EQ(std::count(ratings.begin(), ratings.end(), '\n'), 301);
  EXPECT_TRUE(ratings.starts_with("study,source,rater,grade\npair-001,,1,\n"));
  EXPECT_EQ(std::count(key.begin(), key.end(), '\n'), 101);
  // Filled in, they go through the evaluation.
  std::vector<Problem> problems;
  std::string graded = ratings;
  for (size_t at = 0; (at = graded.find(",\n", at)) != std::string::npos;) graded.replace(at, 2, ",1\n");
  EXPECT_EQ(parse_ratings(graded, "r", key, problems).size(), 300u);
  EXPECT_TRUE(problems.empty());
}

TEST(ReaderDraw, IsOfTheSeedAndNotOfTheOrderOfRows) {
  std::vector<Study> all = studies(80);
  const std::string once = key_csv(draw_pairs(all, nullptr, 5));
  std::reverse(all.begin(), all.end());
  EXPECT_EQ(key_csv(draw_pairs(all, nullptr, 5)), once);
  EXPECT_NE(key_csv(draw_pairs(all, nullptr, 6)), once);
}

TEST(ReaderDraw, SaysWhatCannotBeDrawnAndRefusesTooFew) {
  std::vector<Study> all = studies(60);
  const System model = model_of(all);
  all[0].images.clear();
  all[1].findings.clear();
  const ReaderDraw draw = draw_pairs(all, &model, 5);
  EXPECT_EQ(draw.problems.size(), 2u);
  EXPECT_EQ(draw.num_normal + draw.num_abnormal, 58);
  EXPECT_THROW(draw_pairs(studies(40), nullptr, 5), Error);
}

TEST(ReaderDraw, ManifestLabelsComeBeforeRules) {
  std::vector<Study> all = studies(4);
  for (Study& study : all) study.labels["Edema"] = 1;
  all[1].labels["No Finding"] = 1;
  const ReaderDraw draw = draw_pairs(all, nullptr, 5, 1);
  EXPECT_EQ(draw.num_normal, 1);
  EXPECT_THAT(draw.normal_by, HasSubstr("manifest"));
}

}  // namespace
}  // namespace hilum
