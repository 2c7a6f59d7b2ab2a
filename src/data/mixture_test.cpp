#include "data/mixture.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "base/expect_error_for_test.h"
#include "data/permutation.h"

namespace hilum {
namespace {

TEST(Permutation, IsABijectionOfAnyCount) {
  for (const uint64_t count : {1, 2, 3, 4, 5, 7, 8, 16, 17, 63, 64, 65, 1000, 4097})
    for (uint64_t key = 0; key < 5; ++key) {
      std::vector<uint64_t> places;
      for (uint64_t i = 0; i < count; ++i) places.push_back(permuted(i, count, key));
      std::sort(places.begin(), places.end());
      for (uint64_t i = 0; i < count; ++i) ASSERT_EQ(places[i], i) << count;
    }
  const uint64_t huge = (uint64_t{1} << 40) + 12345;
  std::set<uint64_t> far;
  for (uint64_t i = huge - 1000; i < huge; ++i) far.insert(permuted(i, huge, 3));
  EXPECT_EQ(far.size(), 1000u);
  EXPECT_LT(*far.rbegin(), huge);
}

// Every row comes at every place about as often, for small counts too, and every order of three is met alike.
TEST(Permutation, ShufflesEvenly) {
  for (const uint64_t count : {2, 3, 5, 6, 20, 33}) {
    constexpr int kKeys = 20'000;
    std::vector<std::vector<int>> seen(count, std::vector<int>(count));
    for (uint64_t key = 0; key < kKeys; ++key)
      for (uint64_t i = 0; i < count; ++i) ++seen[i][permuted(i, count, key * 0x9e3779b97f4a7c15ull)];
    const double expected = static_cast<double>(kKeys) / static_cast<double>(count);
    for (const auto& row : seen)
      for (const int times : row) EXPECT_NEAR(times, expected, 6 * std::sqrt(expected)) << count;
  }
  std::map<std::vector<uint64_t>, int> orders;
  for (uint64_t key = 0; key < 12'000; ++key)
    ++orders[{permuted(0, 3, key * 77), permuted(1, 3, key * 77), permuted(2, 3, key * 77)}];
  ASSERT_EQ(orders.size(), 6u);
  for (const auto& [order, times] : orders) EXPECT_NEAR(times, 2000, 300);
}

TEST(Mixture, EverySetIsGoneThroughInShuffledEpochs) {
  const Mixture mixture({{"a", 50, 3}, {"b", 7, 1}, {"c", 200, 2}}, {.seed = 11});
  std::vector<std::map<uint64_t, std::vector<uint64_t>>> epochs(3);  // rows in the order in which they come
  uint64_t last_epoch[3] = {};
  for (uint64_t i = 0; i < 6000; ++i) {
    const MixturePlace place = mixture.at(i);
    ASSERT_GE(place.epoch, last_epoch[place.set]) << "an epoch ends before the next begins";
    last_epoch[place.set] = place.epoch;
    epochs[place.set][place.epoch].push_back(place.row);
  }
  const uint64_t rows[] = {50, 7, 200};
  for (size_t set = 0; set < 3; ++set) {
    std::set<std::vector<uint64_t>> orders;
    for (const auto& [epoch, order] : epochs[set]) {
      if (epoch == last_epoch[set]) continue;  // not at its end
      orders.insert(order);
      ASSERT_EQ(order.size(), rows[set]);
      std::vector<uint64_t> sorted = order;
      std::sort(sorted.begin(), sorted.end());
      for (uint64_t i = 0; i < rows[set]; ++i) ASSERT_EQ(sorted[i], i);
    }
    EXPECT_GT(last_epoch[set], 8u);
    EXPECT_GT(orders.size() * 20, last_epoch[set] * 18) << "hardly two epochs of one order";
  }
}

TEST(Mixture, RatesAreMet) {
  const std::vector<MixtureSet> sets = {{"a", 50, 0.7}, {"b", 1000, 0.201}, {"c", 3, 0.099}};
  const Mixture mixture(sets, {.seed = 2});
  const uint64_t block = mixture.block_rows();
  std::vector<uint64_t> counts(3);
  uint64_t runs = 0, before = 9;
  for (uint64_t i = 0; i < 100 * block; ++i) {
    if (i % block == 0 || i % 17 == 0)
      for (uint64_t set = 0; set < 3; ++set) {
        ASSERT_EQ(mixture.rows_before(i, set), counts[set]) << i;
        if (i % block == 0) {
          EXPECT_NEAR(static_cast<double>(counts[set]), sets[set].rate * static_cast<double>(i), 1) << i;
        }
      }
    const uint64_t set = mixture.at(i).set;
    ++counts[set];
    runs += set != before;
    before = set;
  }
  // Shuffled within a block, not one set after the other: neighbours differ with probability 1 - sum of squares.
  EXPECT_NEAR(static_cast<double>(runs) / (100.0 * static_cast<double>(block)), 1 - 0.49 - 0.0404 - 0.0098, 0.02);
}

TEST(Mixture, AnIndexSaysTheSameWhoeverAsksAndWhen) {
  const std::vector<MixtureSet> sets = {{"a", 50, 1}, {"b", 70, 2}};
  const Mixture mixture(sets, {.seed = 5});
  std::vector<MixturePlace> forward, backward(3000), threaded(3000);
  for (uint64_t i = 0; i < 3000; ++i) forward.push_back(mixture.at(i));
  const Mixture resumed(sets, {.seed = 5});
  for (uint64_t i = 3000; i-- > 0;) backward[i] = resumed.at(i);
  std::vector<std::thread> threads;
  for (uint64_t first = 0; first < 4; ++first)
    threads.emplace_back([&, first] {
      for (uint64_t i = first; i < 3000; i += 4) threaded[i] = mixture.at(i);
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(forward, backward);
  EXPECT_EQ(forward, threaded);
  const Mixture other(sets, {.seed = 6});
  int same = 0;
  for (uint64_t i = 0; i < 3000; ++i) same += other.at(i) == forward[i];
  EXPECT_LT(same, 300);
  (void)mixture.at((uint64_t{1} << 48) - 1);
}

TEST(Mixture, WithoutShufflingRowsComeInTheirOrder) {
  const Mixture mixture({{"a", 5, 1}}, {.shuffle = false});
  for (uint64_t i = 0; i < 20; ++i) EXPECT_EQ(mixture.at(i), (MixturePlace{0, i % 5, i / 5}));
}

TEST(Mixture, DropLastLeavesAStepOfOneEpoch) {
  const Mixture mixture({{"a", 11, 1}}, {.seed = 3, .epoch_end = EpochEnd::kDropLast, .step_rows = 4});
  EXPECT_EQ(mixture.epoch_rows(0), 8u);
  std::set<uint64_t> ever;
  for (uint64_t step = 0; step < 60; ++step) {
    std::set<uint64_t> rows;
    for (uint64_t i = 0; i < 4; ++i) {
      const MixturePlace place = mixture.at(step * 4 + i);
      EXPECT_EQ(place.epoch, step / 2);
      rows.insert(place.row);
      ever.insert(place.row);
    }
    EXPECT_EQ(rows.size(), 4u);
  }
  EXPECT_EQ(ever.size(), 11u) << "what one epoch leaves out another has";
}

TEST(Mixture, WhatCannotBeMixedIsRefused) {
  const auto refusal = [](std::vector<MixtureSet> sets, const MixtureConfig& config = {}) {
    return error_of([&] { (void)Mixture(std::move(sets), config); });
  };
  EXPECT_EQ(refusal({}), "mixture: names no set. Name at least one set of studies.");
  EXPECT_EQ(refusal({{"a", 0, 1}}), "mixture: set \"a\" has no rows. Leave it out.");
  EXPECT_NE(refusal({{"a", 3, 0}}).find("the rate of set \"a\" is 0"), std::string::npos);
  EXPECT_NE(refusal({{"a", 3, NAN}}).find("the rate of set \"a\" is nan"), std::string::npos);
  EXPECT_NE(refusal({{"a", 3, 1}, {"b", 3, 1e-6}}).find("set \"b\" has 1e-06 of the rates' sum"), std::string::npos);
  const MixtureConfig drop{.epoch_end = EpochEnd::kDropLast, .step_rows = 4};
  EXPECT_NE(refusal({{"a", 9, 1}, {"b", 9, 1}}, drop).find("is for one set"), std::string::npos);
  EXPECT_NE(refusal({{"a", 3, 1}}, drop).find("has 3 rows, fewer than the 4 of a step"), std::string::npos);
  EXPECT_EQ(refusal({{"a", 9, 1}}, {.step_rows = 0}), "mixture: a step has no rows. Give at least 1.");
}

}  // namespace
}  // namespace hilum
