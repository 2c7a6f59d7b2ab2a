#include "train/threads/worker_threads.h"

#include <atomic>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace hilum {
namespace {

using MicroBatches = std::vector<std::pair<size_t, size_t>>;  // {first, size}

MicroBatches of_worker(size_t samples, size_t micro, size_t worker, size_t count) {
  MicroBatches seen;
  for_micro_batches(samples, micro, worker, count, [&](size_t first, size_t size) { seen.emplace_back(first, size); });
  return seen;
}

TEST(WorkerThreads, MicroBatchIGoesToWorkerIModCount) {
  EXPECT_EQ(of_worker(10, 2, 0, 2), (MicroBatches{{0, 2}, {4, 2}, {8, 2}}));
  EXPECT_EQ(of_worker(10, 2, 1, 2), (MicroBatches{{2, 2}, {6, 2}}));
}

TEST(WorkerThreads, TheLastMicroBatchHasWhatIsLeft) {
  EXPECT_EQ(of_worker(7, 3, 0, 1), (MicroBatches{{0, 3}, {3, 3}, {6, 1}}));
  EXPECT_EQ(of_worker(2, 3, 1, 2), MicroBatches{});
}

// An objective without libtorch: weights that all workers read, and a gradient, a loss and a count of its own for each.
class Line {
 public:
  explicit Line(size_t workers) : gradients_(workers, std::vector<double>(kWeights)), losses_(workers) {}

  // The squared error of a line through the samples, and its gradient.
  void step(size_t worker, size_t first, size_t size) {
    for (size_t sample = first; sample < first + size; ++sample) {
      double error = -std::sin(static_cast<double>(sample));
      for (size_t w = 0; w < kWeights; ++w) error += weights_[w] / static_cast<double>(sample + w + 1);
      losses_[worker] += error * error;
      for (size_t w = 0; w < kWeights; ++w) gradients_[worker][w] += 2 * error / static_cast<double>(sample + w + 1);
    }
  }

  // The workers' gradients summed in their order, and the loss behind them.
  std::vector<double> sum() const {
    std::vector<double> sum(kWeights + 1);
    for (size_t worker = 0; worker < losses_.size(); ++worker) {
      for (size_t w = 0; w < kWeights; ++w) sum[w] += gradients_[worker][w];
      sum[kWeights] += losses_[worker];
    }
    return sum;
  }

 private:
  static constexpr size_t kWeights = 16;
  std::vector<double> weights_ = std::vector<double>(kWeights, 0.25);
  std::vector<std::vector<double>> gradients_;
  std::vector<double> losses_;
};

std::vector<double> gradient(size_t samples, size_t micro, size_t workers, bool with_threads) {
  Line line(workers);
  const auto work = [&](size_t worker) {
    for_micro_batches(
        samples, micro, worker, workers, [&](size_t first, size_t size) { line.step(worker, first, size); });
  };
  if (with_threads) {
    run_workers(workers, work);
  } else {
    for (size_t worker = 0; worker < workers; ++worker) work(worker);
  }
  return line.sum();
}

TEST(WorkerThreads, AGradientHasTheSameBitsEveryTime) {
  for (const size_t workers : {1, 2, 5}) {
    const std::vector<double> wanted = gradient(103, 4, workers, false);
    for (int repeat = 0; repeat < 100; ++repeat) ASSERT_EQ(gradient(103, 4, workers, true), wanted);
  }
}

TEST(WorkerThreads, WhatTheLowestWorkerThrewIsThrownWhenAllHaveEnded) {
  std::atomic<int> ended = 0;
  const auto fail = [&](size_t worker) {
    if (worker > 1) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      ++ended;
      return;
    }
    throw std::runtime_error(worker == 0 ? "of worker 0" : "of worker 1");
  };
  try {
    run_workers(4, fail);
    FAIL() << "nothing was thrown";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "of worker 0");
  }
  EXPECT_EQ(ended, 2);
}

}  // namespace
}  // namespace hilum
