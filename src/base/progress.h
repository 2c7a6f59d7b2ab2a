// A progress bar on stderr; silent when stderr is no terminal or --quiet was given.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace hilum {

class Progress {
 public:
  // `unit` is what is counted ("studies", "steps"). The first drawing waits two seconds: short jobs show no bar.
  Progress(std::string title, int64_t total, std::string unit);
  ~Progress();  // clears the line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `note` stands behind the bar ("loss 1.23"). Draws at most ten times a second.
  void update(int64_t done, const std::string& note = "");

 private:
  using Clock = std::chrono::steady_clock;
  std::string title_, unit_;
  int64_t total_;
  Clock::time_point started_ = Clock::now(), drawn_{};
  bool shown_ = false, enabled_;
};

}  // namespace hilum
