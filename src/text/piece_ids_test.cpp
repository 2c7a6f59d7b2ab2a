#include "text/piece_ids.h"

#include <gtest/gtest.h>

namespace hilum {
namespace {

TEST(PieceIds, KeepsEveryPieceThroughGrowth) {
  PieceIds ids;
  for (int i = 0; i < 5000; ++i) EXPECT_EQ(ids.add("piece" + std::to_string(i), i), std::nullopt);
  EXPECT_EQ(ids.add("piece7", 9), 7);  // stays what it was
  EXPECT_EQ(ids.add("", 5000), std::nullopt);
  EXPECT_EQ(ids.size(), 5001u);
  for (int i = 0; i < 5000; ++i) ASSERT_EQ(ids.find("piece" + std::to_string(i)), i);
  EXPECT_EQ(ids.find(""), 5000);
  EXPECT_EQ(ids.find("piece"), std::nullopt);
}

TEST(MergeTable, FindsWhatWasSetAndTheLastCounts) {
  MergeTable table(3000);
  for (int i = 0; i < 3000; ++i) table.set(i, i * 7, {static_cast<uint32_t>(i), i + 1});
  table.set(5, 35, {1, 99});
  for (int i = 0; i < 3000; ++i) {
    ASSERT_NE(table.find(i, i * 7), nullptr);
    EXPECT_EQ(table.find(i, i * 7)->id, i == 5 ? 99 : i + 1);
  }
  EXPECT_EQ(table.find(35, 5), nullptr);
  EXPECT_EQ(MergeTable().find(0, 0), nullptr);
}

}  // namespace
}  // namespace hilum
