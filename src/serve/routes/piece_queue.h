// Pieces of a stream on their way from the thread that makes them to the one that sends them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>

namespace hilum {

inline constexpr auto kPingEvery = std::chrono::seconds(15);  // a sign of life while nothing is written

class PieceQueue {
 public:
  void push(std::string piece) {
    const std::lock_guard lock(mutex_);
    pieces_.push_back(std::move(piece));
    wake_.notify_one();
  }
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    wake_.notify_one();
  }
  enum class Got { kPiece, kNothing, kEnd };  // kNothing: the wait was over before anything came
  // Gives every piece to `send` until the end, and "" after each `wait` without one.
  template <typename Send>
  void pump(std::chrono::milliseconds wait, const Send& send) {
    std::string piece;
    for (Got got; (got = pop(piece, wait)) != Got::kEnd; piece.clear())
      send(got == Got::kPiece ? piece : std::string());
  }
  Got pop(std::string& piece, std::chrono::milliseconds wait) {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, wait, [&] { return closed_ || !pieces_.empty(); });
    if (pieces_.empty()) return closed_ ? Got::kEnd : Got::kNothing;
    piece = std::move(pieces_.front());
    pieces_.pop_front();
    return Got::kPiece;
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::string> pieces_;
  bool closed_ = false;
};

}  // namespace hilum
