#include "ops/cpu/thread_team.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace hilum {
namespace {

constexpr int kMaxHelpers = 511;
// A thread that finds no work looks for it this long before it sleeps: between two products of one step there are
// microseconds, and waking up takes longer than many a product.
constexpr auto kLook = std::chrono::microseconds(400);

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

std::unique_lock<std::mutex> lock_soon(std::mutex& mutex) {  // it is held for less time than sleeping takes
  std::unique_lock lock(mutex, std::defer_lock);
  for (int i = 0; i < 100; ++i) {
    if (lock.try_lock()) return lock;
    pause();
  }
  lock.lock();
  return lock;
}

}  // namespace

ThreadTeam& ThreadTeam::shared() {
  static ThreadTeam& team = *new ThreadTeam;  // its threads never end
  return team;
}

void ThreadTeam::Job::work() {
  for (int64_t i; (i = next.fetch_add(1, std::memory_order_relaxed)) < count;) task(context, i);
}

ThreadTeam::Job* ThreadTeam::join() {
  for (Job* job : jobs_) {
    if (job->seats == 0 || job->next.load(std::memory_order_relaxed) >= job->count) continue;
    --job->seats;
    job->inside.fetch_add(1, std::memory_order_relaxed);
    return job;
  }
  return nullptr;
}

void ThreadTeam::help() {
  for (;;) {
    const auto until = std::chrono::steady_clock::now() + kLook;
    Job* job = nullptr;
    while (!job) {
      for (int i = 0; i < 64 && open_.load(std::memory_order_relaxed) == 0; ++i) pause();
      const bool late = std::chrono::steady_clock::now() >= until;
      if (!late && open_.load(std::memory_order_relaxed) == 0) continue;
      std::unique_lock lock = lock_soon(mutex_);
      job = join();
      if (job) break;
      if (!late) {  // what there is has threads enough
        lock.unlock();
        for (int i = 0; i < 64; ++i) pause();
        continue;
      }
      ++asleep_;
      wake_.wait(lock, [&] { return (job = join()) != nullptr; });
      --asleep_;
    }
    job->work();
    job->inside.fetch_sub(1, std::memory_order_release);  // the caller may be gone after this
  }
}

void ThreadTeam::run(int threads, int64_t count, Task task, const void* context) {
  const int wanted = static_cast<int>(std::min<int64_t>({threads - 1, count - 1, kMaxHelpers}));
  if (wanted <= 0) {
    for (int64_t i = 0; i < count; ++i) task(context, i);
    return;
  }
  Job job{.task = task, .context = context, .count = count, .seats = wanted};
  int sleepers = 0;
  {
    const std::unique_lock lock = lock_soon(mutex_);
    for (; helpers_ < wanted; ++helpers_) std::thread([this] { help(); }).detach();
    jobs_.push_back(&job);
    open_.fetch_add(1, std::memory_order_relaxed);
    sleepers = std::min(asleep_, wanted);
  }
  for (int i = 0; i < sleepers; ++i) wake_.notify_one();
  job.work();
  {
    const std::unique_lock lock = lock_soon(mutex_);
    jobs_.erase(std::find(jobs_.begin(), jobs_.end(), &job));  // nobody joins any more
    open_.fetch_sub(1, std::memory_order_relaxed);
  }
  for (int i = 0; job.inside.load(std::memory_order_acquire) > 0; ++i) {  // each is at its last task
    if (i < 2000) pause();
    else std::this_thread::yield();
  }
}

}  // namespace hilum
