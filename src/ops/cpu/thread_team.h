// Splitting work over the threads that all CPU computing of the process shares. Who has work does it too, and every
// idle thread may help; so several callers at once (a server's encoder beside its decoder) need no more threads than
// one, and none waits for another's to wake up, as OpenMP's teams do.
#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <vector>

namespace hilum {

class ThreadTeam {
 public:
  using Task = void (*)(const void* context, int64_t i);

  static ThreadTeam& shared();  // lives to the end of the process

  // task(context, i) for 0 <= i < count, in any order, on the caller and at most `threads` - 1 others; returns when all
  // are done. A task must not throw; it may call run() itself. Threads are started when first asked for.
  void run(int threads, int64_t count, Task task, const void* context);

 private:
  struct Job {
    Task task;
    const void* context;
    int64_t count;
    int seats;                      // helpers that may still join
    std::atomic<int64_t> next = 0;  // task nobody has taken yet
    std::atomic<int> inside = 0;    // helpers at work on it
    void work();
  };
  void help();
  Job* join();  // with the lock held

  std::mutex mutex_;  // of all below but open_
  std::condition_variable wake_;
  std::vector<Job*> jobs_;  // of callers still at work
  int helpers_ = 0, asleep_ = 0;
  std::atomic<int> open_ = 0;  // jobs published and not yet withdrawn: what idle threads look at
};

// f(i) for 0 <= i < count, in any order; each i is a task worth the taking (some microseconds). f must not throw.
template <typename F>
void parallel_tasks(int threads, int64_t count, F f) {
  if (threads <= 1 || count <= 1) {
    for (int64_t i = 0; i < count; ++i) f(i);
    return;
  }
  ThreadTeam::shared().run(
      threads, count, [](const void* context, int64_t i) { (*static_cast<const F*>(context))(i); }, &f);
}

// f(first, last) over 0..count in pieces; `cost` is about the values touched per step. Small work stays on the calling
// thread.
template <typename F>
void parallel_pieces(int threads, int64_t count, int64_t cost, F f) {
  constexpr int64_t kPiece = 16384;  // values: about two microseconds
  const int64_t step = std::max<int64_t>(1, kPiece / std::max<int64_t>(1, cost));
  parallel_tasks(threads, (count + step - 1) / step, [&](int64_t i) { f(i * step, std::min(count, (i + 1) * step)); });
}

}  // namespace hilum
