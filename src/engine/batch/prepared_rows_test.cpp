#include "engine/batch/prepared_rows.h"

#include <atomic>
#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "base/error.h"

namespace hilum {
namespace {

TEST(PreparedRows, ComeInOrderWhicheverIsReadyFirst) {
  PreparedRows<std::string> rows(40, 4, 8, [](size_t i) {
    std::this_thread::sleep_for(std::chrono::microseconds(i % 5 == 0 ? 3000 : 10));  // every fifth is slow
    return std::to_string(i);
  });
  for (size_t i = 0; i < 40; ++i) EXPECT_EQ(rows.next(), std::to_string(i));
}

TEST(PreparedRows, NoMoreAreHeldThanWereAllowed) {
  std::atomic<int> begun = 0;
  PreparedRows<int> rows(100, 3, 5, [&](size_t i) {
    ++begun;
    return static_cast<int>(i);
  });
  for (int taken = 0; taken < 100; ++taken) {
    EXPECT_EQ(rows.next(), taken);
    std::this_thread::sleep_for(std::chrono::microseconds(200));  // time to run ahead
    EXPECT_LE(begun, taken + 1 + 5);
  }
}

TEST(PreparedRows, AnErrorIsItsRowsAlone) {
  PreparedRows<int> rows(3, 2, 4, [](size_t i) {
    if (i == 1) throw Error("row", "is broken");
    return static_cast<int>(i);
  });
  EXPECT_EQ(rows.next(), 0);
  EXPECT_THROW(rows.next(), Error);
  EXPECT_EQ(rows.next(), 2);
}

TEST(PreparedRows, MayEndBeforeAllAreTaken) {
  std::atomic<int> begun = 0;
  {
    PreparedRows<int> rows(1000, 2, 4, [&](size_t) { return ++begun; });
    rows.next();
  }
  EXPECT_LT(begun, 10);
}

}  // namespace
}  // namespace hilum
