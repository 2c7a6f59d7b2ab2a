// Splitting work over threads.
#pragma once

#include <algorithm>
#include <cstdint>

#include "thread_team.h"

namespace hilum {

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
