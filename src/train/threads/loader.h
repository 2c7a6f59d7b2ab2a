// Samples made ahead by worker threads and handed out in order: what comes depends on the index alone, never on timing.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace hilum {

template <typename Sample>
class Loader {
 public:
  // `make(index)` is called from several threads at once. At most `ahead` samples wait.
  Loader(std::function<Sample(uint64_t)> make, uint64_t first, int threads, int ahead)
      : make_(std::move(make)), wanted_(first), next_(first), ahead_(static_cast<uint64_t>(ahead)) {
    for (int i = 0; i < threads; ++i) workers_.emplace_back([this] { work(); });
  }
  ~Loader() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
    for (std::thread& worker : workers_) worker.join();
  }
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  // The next sample; rethrows what making it threw.
  Sample next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ready_.count(wanted_) > 0; });
    Result result = std::move(ready_.extract(wanted_++).mapped());
    lock.unlock();
    changed_.notify_all();
    if (result.error) std::rethrow_exception(result.error);
    return std::move(*result.sample);
  }

 private:
  struct Result {
    std::optional<Sample> sample;
    std::exception_ptr error;
  };

  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return stop_ || next_ < wanted_ + ahead_; });
      if (stop_) return;
      const uint64_t index = next_++;
      lock.unlock();
      Result result;
      try {
        result.sample = make_(index);
      } catch (...) {
        result.error = std::current_exception();
      }
      lock.lock();
      ready_.emplace(index, std::move(result));
      changed_.notify_all();
    }
  }

  std::function<Sample(uint64_t)> make_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<uint64_t, Result> ready_;
  uint64_t wanted_, next_, ahead_;
  bool stop_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace hilum
