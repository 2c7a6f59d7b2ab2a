// How long something took, on a clock that no one sets.
#pragma once

#include <chrono>

namespace hilum {

class Stopwatch {
 public:
  // Since this was made.
  double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }
  double ms() const { return std::chrono::duration<double, std::milli>(Clock::now() - start_).count(); }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
};

}  // namespace hilum
