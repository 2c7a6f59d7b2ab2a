// One thread that runs what it is given, in order.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <thread>

namespace hilum {

class TaskThread {
 public:
  explicit TaskThread(size_t max_waiting = SIZE_MAX) : max_waiting_(max_waiting), thread_([this] { work(); }) {}
  ~TaskThread();  // what was posted is still run
  TaskThread(const TaskThread&) = delete;

  bool post(std::function<void()> task);  // false: too many wait, and it is not taken
  size_t waiting() const;

  // Runs `task` there and waits for it; what it throws is thrown here. False: too many wait, and it was not run.
  template <typename Result>
  bool run(const std::function<Result()>& task, Result& result) {
    const auto packaged = std::make_shared<std::packaged_task<Result()>>(
        task);  // shared: it may still be ending there when its result is here
    std::future<Result> done = packaged->get_future();
    if (!post([packaged] { (*packaged)(); })) return false;
    result = done.get();
    return true;
  }

 private:
  void work();

  size_t max_waiting_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_;
  bool ended_ = false;
  std::thread thread_;  // last: it uses all the others
};

}  // namespace hilum
