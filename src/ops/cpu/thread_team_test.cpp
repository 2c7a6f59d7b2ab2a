#include "ops/cpu/thread_team.h"

#include <chrono>
#include <set>
#include <thread>

#include <gtest/gtest.h>

namespace hilum {
namespace {

TEST(ThreadTeam, EachTaskRunsOnce) {
  for (const int threads : {1, 2, 3, 8})
    for (const int64_t count : {0, 1, 2, 7, 1000}) {
      std::vector<std::atomic<int>> runs(static_cast<size_t>(count));
      for (int round = 0; round < 50; ++round)
        parallel_tasks(threads, count, [&](int64_t i) { ++runs[static_cast<size_t>(i)]; });
      for (const auto& n : runs) EXPECT_EQ(n, 50);
    }
}

TEST(ThreadTeam, NoMoreThreadsThanAsked) {
  std::mutex mutex;
  std::set<std::thread::id> seen;
  parallel_tasks(4, 40, [](int64_t) { std::this_thread::sleep_for(std::chrono::milliseconds(1)); });  // four are there
  parallel_tasks(2, 40, [&](int64_t) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    const std::lock_guard lock(mutex);
    seen.insert(std::this_thread::get_id());
  });
  EXPECT_EQ(seen.size(), 2u);
}

TEST(ThreadTeam, CallersBesideEachOtherAndWithinEachOther) {
  std::vector<std::thread> callers;
  std::atomic<int64_t> sum = 0;
  for (int caller = 0; caller < 5; ++caller)
    callers.emplace_back([&] {
      for (int round = 0; round < 300; ++round)
        parallel_tasks(3, 20, [&](int64_t i) { parallel_tasks(2, 3, [&](int64_t j) { sum += i * j; }); });
    });
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(sum, 5 * 300 * 190 * 3);  // (0 + ... + 19) (0 + 1 + 2)
}

TEST(ThreadTeam, ThreadsThatSleptAreWoken) {
  for (int round = 0; round < 5; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // longer than they look for work
    std::atomic<int> together = 0, most = 0;
    parallel_tasks(2, 2, [&](int64_t) {  // ends when both are inside at once
      most = std::max(most.load(), ++together);
      const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
      while (most < 2 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    });
    EXPECT_EQ(most, 2);
  }
}

}  // namespace
}  // namespace hilum
