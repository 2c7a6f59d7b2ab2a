#include "search/top_k.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/rng.h"
#include "kernels/select.h"

namespace hilum {
namespace {

struct Matrix {
  std::vector<float> values;
  std::vector<uint16_t> halves;
  VectorRows f32, f16;
};

// Unit rows of normal values.
Matrix random_rows(int64_t count, int64_t width, uint64_t seed) {
  Matrix m;
  Rng rng(seed);
  m.values.resize(static_cast<size_t>(count * width));
  for (float& value : m.values) value = static_cast<float>(rng.normal());
  for (int64_t i = 0; i < count; ++i) normalize_vector({m.values.data() + i * width, static_cast<size_t>(width)});
  for (const float value : m.values) m.halves.push_back(f32_to_f16(value));
  m.f32 = {m.values.data(), DType::kF32, count, width};
  m.f16 = {m.halves.data(), DType::kF16, count, width};
  return m;
}

class TopK : public testing::TestWithParam<const KernelTable*> {};
INSTANTIATE_TEST_SUITE_P(Table, TopK, testing::ValuesIn(runnable_kernel_tables()),
    [](const auto& table) { return std::string(table.param->name); });

// Scores of unit vectors differ from the double loop's by rounding alone: width 257 · 6e-8 at most. Where two rows are
// that close their order may change, so scores are compared by rank and each row against its own score.
TEST_P(TopK, MatchesTheDoubleLoop) {
  for (const int64_t width : {1, 3, 16, 33, 257})
    for (const int64_t count : {1, 2, 127, 1000}) {
      const Matrix m = random_rows(count, width, static_cast<uint64_t>(width * 1000 + count));
      const Matrix queries = random_rows(3, width, 99);
      for (const VectorRows& rows : {m.f32, m.f16})
        for (const int threads : {1, 3}) {
          const auto got = top_k(*GetParam(), rows, queries.values, 10, threads);
          const auto want = top_k_plain(rows, queries.values, 10), all = top_k_plain(rows, queries.values, count);
          ASSERT_EQ(got.size(), 3u);
          for (size_t q = 0; q < 3; ++q) {
            ASSERT_EQ(got[q].size(), want[q].size());
            for (size_t i = 0; i < got[q].size(); ++i) {
              EXPECT_NEAR(got[q][i].score, want[q][i].score, 2e-5);
              for (const Hit& hit : all[q])
                if (hit.row == got[q][i].row) {
                  EXPECT_NEAR(hit.score, got[q][i].score, 2e-5);
                }
            }
          }
        }
    }
}

TEST_P(TopK, ThreadsChangeNothing) {
  const Matrix m = random_rows(20000, 64, 5), query = random_rows(1, 64, 6);
  const auto one = top_k(*GetParam(), m.f32, query.values, 25, 1);
  EXPECT_EQ(top_k(*GetParam(), m.f32, query.values, 25, 2), one);
  EXPECT_EQ(top_k(*GetParam(), m.f32, query.values, 25, 7), one);
}

TEST_P(TopK, AHundredThousandRowsMatchTheDoubleLoop) {
  const Matrix m = random_rows(100'000, 32, 7), query = random_rows(1, 32, 8);
  const auto got = top_k(*GetParam(), m.f32, query.values, 10, 2), want = top_k_plain(m.f32, query.values, 10);
  ASSERT_EQ(got[0].size(), 10u);
  for (size_t i = 0; i < 10; ++i) {
    EXPECT_EQ(got[0][i].row, want[0][i].row);
    EXPECT_NEAR(got[0][i].score, want[0][i].score, 2e-6);
  }
}

TEST(TopKEdges, EqualScoresComeByRow) {
  const std::vector<float> same(500 * 4, 0.5f), query{1, 0, 0, 0};
  const auto got = top_k(select_kernel_table("portable", 0), {same.data(), DType::kF32, 500, 4}, query, 3, 4);
  EXPECT_EQ(got[0], (std::vector<Hit>{{0.5f, 0}, {0.5f, 1}, {0.5f, 2}}));
}

TEST(TopKEdges, WhatIsNoNumberNeverWins) {
  std::vector<float> rows{1, 0, std::numeric_limits<float>::quiet_NaN(), 0, 0.5f, 0, -1, 0};
  const std::vector<float> query{1, 0};
  const auto got = top_k(select_kernel_table("portable", 0), {rows.data(), DType::kF32, 4, 2}, query, 4, 1);
  EXPECT_EQ(got[0], (std::vector<Hit>{{1, 0}, {0.5f, 2}, {-1, 3}}));
}

TEST(TopKEdges, ZeroVectorsStayZero) {
  std::vector<float> zero{0, 0}, v{3, 4};
  EXPECT_EQ(normalize_vector(zero), 0);
  EXPECT_EQ(zero, (std::vector<float>{0, 0}));
  EXPECT_EQ(normalize_vector(v), 5);
  EXPECT_FLOAT_EQ(v[1], 0.8f);
}

}  // namespace
}  // namespace hilum
