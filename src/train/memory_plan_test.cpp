#include "train/memory_plan.h"

#include <gtest/gtest.h>

#include "base/expect_error_for_test.h"

namespace hilum {
namespace {

// 2 workers, each 100 for a piece and 50 a sample; 400 for all else, of which 80 are gradients.
MemoryPlan plan() {
  return {.weights = 200,
      .gradients = 80,
      .optimizer = 70,
      .checkpoint = 30,
      .samples = 20,
      .fixed = 100,
      .a_sample = 50,
      .workers = 2,
      .micro_batch = 4};
}

TEST(MemoryPlan, AddsUpAndSaysWhichMicroBatchFits) {
  EXPECT_DOUBLE_EQ(plan().activations(), 2 * (100 + 4 * 50));
  EXPECT_DOUBLE_EQ(plan().total(), 400 + 600);
  EXPECT_EQ(plan().largest_micro_batch(1000), 4);
  EXPECT_EQ(plan().largest_micro_batch(999), 3);
  EXPECT_EQ(plan().largest_micro_batch(700), 1);
  EXPECT_EQ(plan().largest_micro_batch(699), 0);
}

TEST(MemoryPlan, WhatDoesNotFitIsRefusedWithWhatWould) {
  const auto problem = [](double available) { return error_of([&] { check_memory(plan(), available, "whole"); }); };
  EXPECT_EQ(problem(1000), "no error");
  EXPECT_NE(problem(850).find("micro_batch = 2 would fit"), std::string::npos) << problem(850);
  // One worker: 360 for all else; 100 + 2 * 50.
  EXPECT_NE(problem(560).find("run.workers = 1 and micro_batch = 2 would fit"), std::string::npos) << problem(560);
  EXPECT_NE(problem(500).find("One worker with one sample"), std::string::npos) << problem(500);
}

TEST(MemoryPlan, TheMachineHasMemory) { EXPECT_GT(memory_for_this_process(), 1e8); }

}  // namespace
}  // namespace hilum
