#include "serve/routes/piece_queue.h"

#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace hilum {
namespace {

using std::chrono::milliseconds;

TEST(PieceQueue, EveryPieceArrivesInOrderAndThenTheEnd) {
  PieceQueue queue;
  std::thread maker([&] {
    for (int i = 0; i < 2000; ++i) queue.push(std::to_string(i));
    queue.close();
  });
  std::vector<std::string> seen;
  queue.pump(std::chrono::seconds(60), [&](const std::string& piece) { seen.push_back(piece); });
  maker.join();
  ASSERT_EQ(seen.size(), 2000u);
  for (int i = 0; i < 2000; ++i) EXPECT_EQ(seen[static_cast<size_t>(i)], std::to_string(i));
}

TEST(PieceQueue, AWaitWithoutAPieceGivesAnEmptyOne) {
  PieceQueue queue;
  std::string piece;
  EXPECT_EQ(queue.pop(piece, milliseconds(1)), PieceQueue::Got::kNothing);
  int empty = 0;
  queue.pump(milliseconds(1), [&](const std::string& sent) {
    EXPECT_EQ(sent, "");
    if (++empty == 3) queue.close();
  });
  EXPECT_EQ(empty, 3);
}

TEST(PieceQueue, WhatCameBeforeTheEndIsStillGiven) {
  PieceQueue queue;
  queue.push("last");
  queue.close();
  std::string piece;
  EXPECT_EQ(queue.pop(piece, milliseconds(0)), PieceQueue::Got::kPiece);
  EXPECT_EQ(piece, "last");
  EXPECT_EQ(queue.pop(piece, milliseconds(0)), PieceQueue::Got::kEnd);
}

}  // namespace
}  // namespace hilum
