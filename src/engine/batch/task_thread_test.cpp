#include "engine/batch/task_thread.h"

#include <numeric>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace hilum {
namespace {

TEST(TaskThread, RunsTasksInTheOrderTheyCameAndAllBeforeItEnds) {
  std::vector<int> seen;  // of its thread alone; read when that has ended
  {
    TaskThread thread;
    for (int i = 0; i < 500; ++i) ASSERT_TRUE(thread.post([&seen, i] { seen.push_back(i); }));
  }
  std::vector<int> wanted(500);
  std::iota(wanted.begin(), wanted.end(), 0);
  EXPECT_EQ(seen, wanted);
}

TEST(TaskThread, GivesEachOfSeveralCallersItsOwnResult) {
  TaskThread thread;
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller)
    callers.emplace_back([&thread, caller] {
      for (int i = 0; i < 200; ++i) {
        int result = -1;
        EXPECT_TRUE(thread.run<int>([=] { return 1000 * caller + i; }, result));
        EXPECT_EQ(result, 1000 * caller + i);
      }
    });
  for (std::thread& caller : callers) caller.join();
}

TEST(TaskThread, WhatATaskThrowsIsItsCallersAndTheNextRuns) {
  TaskThread thread;
  int result = 0;
  EXPECT_THROW(thread.run<int>([]() -> int { throw std::runtime_error("of the task"); }, result), std::runtime_error);
  EXPECT_TRUE(thread.run<int>([] { return 7; }, result));
  EXPECT_EQ(result, 7);
}

TEST(TaskThread, TakesNoMoreThanMayWait) {
  std::promise<void> gate, begun;
  TaskThread thread(2);
  ASSERT_TRUE(thread.post([&] {
    begun.set_value();
    gate.get_future().wait();
  }));
  begun.get_future().wait();  // it runs, and waits no longer
  EXPECT_TRUE(thread.post([] {}));
  EXPECT_TRUE(thread.post([] {}));
  EXPECT_EQ(thread.waiting(), 2u);
  EXPECT_FALSE(thread.post([] { FAIL() << "a task too many was run"; }));
  gate.set_value();
}

}  // namespace
}  // namespace hilum
