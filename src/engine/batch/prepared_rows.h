// Rows made ready on threads of their own, ahead of their use and in its order: files are read and pictures decoded
// while the model computes. A bounded number is held, however many rows there are.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace hilum {

template <typename Row>
class PreparedRows {
 public:
  // prepare(i) for 0 <= i < count, on `threads` threads, begun in order. At most `ahead` are begun and not yet taken.
  PreparedRows(size_t count, int threads, size_t ahead, std::function<Row(size_t)> prepare)
      : count_(count), ahead_(ahead), prepare_(std::move(prepare)) {
    for (size_t i = 0; i < std::min(static_cast<size_t>(threads), count); ++i)
      threads_.emplace_back([this] { work(); });
  }
  ~PreparedRows() {  // those begun are prepared and dropped
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    room_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  PreparedRows(const PreparedRows&) = delete;

  // The next row in order, waited for. Throws what preparing it threw; the one after comes next then too. At most
  // `count` calls.
  Row next() {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [&] { return rows_.contains(taken_); });
    auto row = rows_.extract(taken_++);
    lock.unlock();
    room_.notify_all();
    if (row.mapped().error) std::rethrow_exception(row.mapped().error);
    return std::move(*row.mapped().value);
  }

 private:
  struct Result {
    std::optional<Row> value;
    std::exception_ptr error;
  };

  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      room_.wait(lock, [&] { return ended_ || begun_ == count_ || begun_ < taken_ + ahead_; });
      if (ended_ || begun_ == count_) return;
      const size_t row = begun_++;
      lock.unlock();
      Result result;
      try {
        result.value.emplace(prepare_(row));
      } catch (...) {
        result.error = std::current_exception();
      }
      lock.lock();
      rows_.emplace(row, std::move(result));
      ready_.notify_all();
    }
  }

  const size_t count_, ahead_;
  const std::function<Row(size_t)> prepare_;
  std::mutex mutex_;  // of all below
  std::condition_variable room_, ready_;
  size_t begun_ = 0, taken_ = 0;
  std::map<size_t, Result> rows_;
  bool ended_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace hilum
