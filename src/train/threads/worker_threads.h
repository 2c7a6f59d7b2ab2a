// The micro-batches of a batch spread over workers, a thread each: which worker has which does not depend on timing, so
// sums taken in the workers' order have the same bits every time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <exception>
#include <thread>
#include <vector>

namespace hilum {

// Calls work(worker) for 0 <= worker < count, all at once, worker 0 on the calling thread. Returns when all have ended;
// what they threw, the lowest worker's, is thrown then.
template <typename Work>
void run_workers(size_t count, const Work& work) {
  std::vector<std::exception_ptr> errors(count);
  const auto guarded = [&](size_t worker) {
    try {
      work(worker);
    } catch (...) {
      errors[worker] = std::current_exception();
    }
  };
  std::vector<std::thread> threads;
  for (size_t worker = 1; worker < count; ++worker) threads.emplace_back(guarded, worker);
  guarded(0);
  for (std::thread& thread : threads) thread.join();
  for (const std::exception_ptr& error : errors)
    if (error) std::rethrow_exception(error);
}

// Calls step(first, size) for each micro-batch of `worker`, in order: micro-batch i, the samples first .. first + size
// - 1 of the batch's `samples`, is worker i mod count's. Each has `micro` samples but the batch's last, which may have
// fewer.
template <typename Step>
void for_micro_batches(size_t samples, size_t micro, size_t worker, size_t count, const Step& step) {
  for (size_t first = worker * micro; first < samples; first += count * micro)
    step(first, std::min(micro, samples - first));
}

}  // namespace hilum
