// The threads that all CPU computing of the process shares. Who has work does it too, and every idle thread may help;
// so several callers at once (a server's encoder beside its decoder) need no more threads than one, and none waits for
// another's to wake up, as OpenMP's teams do.
#pragma once

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

}  // namespace hilum
