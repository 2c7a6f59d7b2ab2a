#include "eval/stats/cochran.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "eval/stats/chi_square.h"

namespace hilum {
namespace {

std::vector<Block> blocks(const std::vector<std::string>& rows) {
  std::vector<Block> made;
  for (const std::string& row : rows) {
    made.emplace_back();
    for (const char c : row) made.back().push_back(c == '1');
  }
  return made;
}

void expect_relative(double value, double expected) { EXPECT_NEAR(value, expected, std::abs(expected) * 1e-8); }

// Evaluation sheet 6.2.
TEST(ChiSquare, TailsAreTheSheets) {
  expect_relative(chi_square_tail(3.841458820694124, 1), .05);
  expect_relative(chi_square_tail(6, 2), std::exp(-3.0));
  expect_relative(chi_square_tail(12.5, 5), .02854312333);
  expect_relative(chi_square_tail(26.975609756, 2), 1.387780461e-06);
  expect_relative(chi_square_tail(.1, 1), .751829634);
  expect_relative(chi_square_tail(600, 2), std::exp(-300.0));
  EXPECT_EQ(chi_square_tail(0, 3), 1);
  EXPECT_THROW(chi_square_tail(-1, 1), Error);
  EXPECT_THROW(chi_square_tail(NAN, 1), Error);
  EXPECT_THROW(chi_square_tail(1, 0), Error);
}

TEST(Cochran, TheSheetsTenItems) {
  const auto rows = blocks({"110", "111", "100", "110", "000", "111", "101", "110", "110", "010"});
  const CochranQ test = cochran_q(rows);
  EXPECT_EQ(test.column_sums, (std::vector<int64_t>{8, 7, 3}));
  EXPECT_DOUBLE_EQ(test.q, 6);
  EXPECT_EQ(test.df, 2);
  expect_relative(test.p, .04978706837);
  const McNemar pairs[] = {mcnemar(rows, 0, 1), mcnemar(rows, 0, 2), mcnemar(rows, 1, 2)};
  EXPECT_EQ(pairs[0].b, 2);
  EXPECT_EQ(pairs[0].c, 1);
  EXPECT_EQ(pairs[1].b, 5);
  EXPECT_EQ(pairs[1].c, 0);
  EXPECT_EQ(pairs[2].b, 5);
  EXPECT_EQ(pairs[2].c, 1);
  const std::vector<double> adjusted = holm(std::vector<double>{pairs[0].exact_p, pairs[1].exact_p, pairs[2].exact_p});
  EXPECT_NEAR(adjusted[0], 1, 1e-12);
  EXPECT_NEAR(adjusted[1], .1875, 1e-12);
  EXPECT_NEAR(adjusted[2], .4375, 1e-12);
}

// CXR-LLaVA sheet 6.2.
TEST(Cochran, TheSixBlocksOfTheOtherSheet) {
  EXPECT_DOUBLE_EQ(cochran_q(blocks({"111", "110", "100", "100", "010", "000"})).q, 3.5);
}

TEST(Cochran, BlocksThatAnswerAlikeChangeNothing) {
  auto rows = blocks({"110", "100", "101"});
  const double q = cochran_q(rows).q;
  rows.push_back({1, 1, 1});
  rows.push_back({0, 0, 0});
  EXPECT_DOUBLE_EQ(cochran_q(rows).q, q);
  EXPECT_TRUE(std::isnan(cochran_q(blocks({"111", "000"})).q));  // not 0 with p 1
}

TEST(Cochran, TwoTreatmentsAreMcNemarWithoutCorrection) {
  const auto rows = blocks({"10", "10", "10", "01", "11", "00"});
  EXPECT_DOUBLE_EQ(cochran_q(rows).q, mcnemar(rows, 0, 1).chi2);
  EXPECT_DOUBLE_EQ(cochran_q(rows).p, mcnemar(rows, 0, 1).chi2_p);
}

TEST(Cochran, BadBlocksAreRefused) {
  EXPECT_THROW(cochran_q(std::vector<Block>{}), Error);
  EXPECT_THROW(cochran_q(blocks({"1"})), Error);
  EXPECT_THROW(cochran_q(blocks({"10", "101"})), Error);
  EXPECT_THROW(mcnemar(-1, 2), Error);
}

// Evaluation sheet 6.3.
TEST(McNemarTest, TheSheetsFourTables) {
  struct Row {
    int64_t b, c;
    double exact, mid, chi2, chi2_p, corrected, corrected_p;
  };
  for (const Row& row : {Row{10, 2, .03857421875, .0224609375, 5.333333333, .02092133534, 4.083333333, .04330814281},
           Row{59, 6, 4.964650327e-12, 2.725803199e-12, 43.215384615, 4.903361433e-11, 41.6, 1.119932715e-10},
           Row{5, 5, 1, .75390625, 0, 1, .1, .751829634},
           Row{0, 7, .015625, .0078125, 7, .008150971594, 5.142857143, .02334220201}}) {
    const McNemar test = mcnemar(row.b, row.c);
    expect_relative(test.exact_p, row.exact);
    expect_relative(test.mid_p, row.mid);
    EXPECT_NEAR(test.chi2, row.chi2, 1e-8);
    expect_relative(test.chi2_p, row.chi2_p);
    EXPECT_NEAR(test.corrected, row.corrected, 1e-8);
    expect_relative(test.corrected_p, row.corrected_p);
  }
  EXPECT_EQ(mcnemar(0, 0).exact_p, 1);
  EXPECT_TRUE(std::isnan(mcnemar(0, 0).chi2));
}

}  // namespace
}  // namespace hilum
