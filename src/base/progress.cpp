#include "base/progress.h"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

#include "base/log.h"

namespace hilum {

Progress::Progress(std::string title, int64_t total, std::string unit)
    : title_(std::move(title)),
      unit_(std::move(unit)),
      total_(total),
      enabled_(isatty(STDERR_FILENO) && !log_config().quiet && !log_config().json) {}

Progress::~Progress() {
  if (shown_) std::fputs("\r\033[K", stderr);
}

void Progress::update(int64_t done, const std::string& note) {
  const auto now = Clock::now();
  if (!enabled_ || now - started_ < std::chrono::seconds(2) || now - drawn_ < std::chrono::milliseconds(100)) return;
  drawn_ = now;
  shown_ = true;
  const double share = total_ > 0 ? std::clamp(double(done) / double(total_), 0.0, 1.0) : 0.0;
  const double seconds = std::chrono::duration<double>(now - started_).count();
  const auto left = static_cast<int64_t>(share > 0 ? seconds / share - seconds : 0);
  constexpr int kWidth = 28;
  const int filled = static_cast<int>(share * kWidth);
  std::string bar;
  for (int i = 0; i < kWidth; ++i) bar += i < filled ? "█" : "░";
  fmt::print(stderr, "\r{} {} {}/{} {}  {}:{:02d} left  {}\033[K", title_, bar, done, total_, unit_, left / 60,
      left % 60, note);
  std::fflush(stderr);
}

}  // namespace hilum
