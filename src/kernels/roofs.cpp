#include "kernels/roofs.h"

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <new>
#include <thread>
#include <vector>

namespace hilum {
namespace {

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// Runs f(thread) on all threads; returns the seconds of the slowest.
template <typename F>
double on_threads(int threads, F f) {
  std::atomic<int> ready{0};
  std::vector<double> seconds(static_cast<size_t>(threads));
  const auto body = [&](int t) {
    ++ready;
    while (ready < threads) {
    }
    const auto start = Clock::now();
    f(t);
    seconds[static_cast<size_t>(t)] = seconds_since(start);
  };
  std::vector<std::thread> others;
  for (int t = 1; t < threads; ++t) others.emplace_back(body, t);
  body(0);
  for (std::thread& other : others) other.join();
  return *std::max_element(seconds.begin(), seconds.end());
}

}  // namespace

double measure_flops_roof(const KernelTable& table, int threads) {
  std::atomic<int64_t> flops{0};
  double best = 0;  // many short rounds: some fall between two slices of a neighbour
  for (int round = 0; round < 24; ++round) {
    flops = 0;
    const double seconds = on_threads(threads, [&](int) {
      float sink = 1;
      flops += table.flops(int64_t{1} << 18, &sink);
    });
    best = std::max(best, static_cast<double>(flops) / seconds * 1e-9);
  }
  return best;
}

double measure_read_roof(int threads) {
  constexpr size_t kBytes = size_t{256} << 20, kPage = size_t{2} << 20;
  auto* memory = static_cast<uint64_t*>(std::aligned_alloc(kPage, kBytes));
  if (!memory) throw std::bad_alloc();
  madvise(memory, kBytes, MADV_HUGEPAGE);
  const size_t words = kBytes / 8 / static_cast<size_t>(threads);
  on_threads(threads, [&](int t) { std::fill_n(memory + static_cast<size_t>(t) * words, words, uint64_t{1}); });
  std::atomic<uint64_t> sink{0};
  double best = 0;
  for (int round = 0; round < 4; ++round) {
    const double seconds = on_threads(threads, [&](int t) {
      const uint64_t* from = memory + static_cast<size_t>(t) * words;
      uint64_t sum[8] = {};
      for (size_t i = 0; i + 8 <= words; i += 8)
        for (size_t j = 0; j < 8; ++j) sum[j] += from[i + j];
      for (const uint64_t part : sum) sink += part;
    });
    best = std::max(best, static_cast<double>(words) * 8 * threads / seconds * 1e-9);
  }
  std::free(memory);
  return best;
}

}  // namespace hilum
