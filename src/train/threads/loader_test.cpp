#include "train/threads/loader.h"

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

#include <gtest/gtest.h>

namespace hilum {
namespace {

// A sample whose making takes the longer the lower its index in its group of four: later ones are ready first.
std::string slow_sample(uint64_t index) {
  std::this_thread::sleep_for(std::chrono::microseconds(300 * (3 - index % 4)));
  return "sample " + std::to_string(index);
}

TEST(Loader, SamplesComeInTheOrderOfTheirIndicesWhateverTheTiming) {
  for (const int threads : {1, 3}) {
    Loader<std::string> loader(slow_sample, 5, threads, 4);
    for (uint64_t index = 5; index < 60; ++index) ASSERT_EQ(loader.next(), "sample " + std::to_string(index));
  }
}

TEST(Loader, NoMoreSamplesAreMadeAheadThanAskedFor) {
  std::atomic<uint64_t> made = 0;
  Loader<int> loader([&](uint64_t) { return static_cast<int>(++made); }, 0, 4, 3);
  for (uint64_t taken = 1; taken <= 50; ++taken) {
    loader.next();
    EXPECT_LE(made, taken + 3);
  }
}

TEST(Loader, WhatMakingASampleThrewComesInItsPlace) {
  Loader<int> loader(
      [](uint64_t index) {
        if (index == 2) throw std::runtime_error("sample 2 cannot be read");
        return static_cast<int>(index);
      },
      0, 2, 4);
  EXPECT_EQ(loader.next(), 0);
  EXPECT_EQ(loader.next(), 1);
  EXPECT_THROW(loader.next(), std::runtime_error);
  EXPECT_EQ(loader.next(), 3);
}

TEST(Loader, EndsWhileSamplesAreBeingMade) {
  for (int repeat = 0; repeat < 50; ++repeat) {
    Loader<std::string> loader(slow_sample, 0, 3, 8);
    if (repeat % 2 == 0) loader.next();
  }
}

}  // namespace
}  // namespace hilum
