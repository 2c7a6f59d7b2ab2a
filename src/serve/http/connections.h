// Open connections, one thread each: how many there may be, how long each may take to say what it wants, and whether
// its client is still there. The HTTP library tells none of this, so sockets are found where it hands over a new one.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "serve/http/http.h"

namespace hilum {

enum class Phase { kHead, kBody, kAnswer };  // what is awaited: the request's header, its body, or ours

struct Connection {
  int socket = -1;
  int port = 0;      // our own
  std::string peer;  // address and port: a socket's number is given out anew as soon as it is closed
  std::atomic<Phase> phase = Phase::kHead;
  std::atomic<std::chrono::steady_clock::time_point> since = std::chrono::steady_clock::now();  // the phase began
  std::atomic<bool> answered = false;                                                           // a request of it
  bool is_open() const;  // the socket is still this connection's
  void enter(Phase next) {
    since = std::chrono::steady_clock::now();
    phase = next;
  }
  bool client_left() const;  // its side is closed
};

class Connections {
 public:
  // plain: without TLS, so that a refusal can be written. refused: told of each connection past the limit.
  Connections(const HttpLimits& limits, bool plain, std::function<void()> refused = {});
  ~Connections();

  void listens_on(int port) { port_ = port; }
  void accept(std::function<void()> serve);  // right after a connection was accepted, on the thread that accepts
  void drain();                              // ends those that wait for a request; returns when all are served
  static Connection* current();              // of this thread

 private:
  std::shared_ptr<Connection> newest();
  void work();
  void watch();

  HttpLimits limits_;
  bool plain_;
  std::function<void()> refused_;
  std::atomic<int> port_ = 0;
  std::mutex mutex_;
  std::condition_variable wake_;  // of the threads that serve, one a connection
  std::condition_variable end_;   // of the one that watches: a word for the others must not reach it
  std::deque<std::pair<std::function<void()>, std::shared_ptr<Connection>>> waiting_;
  std::vector<std::shared_ptr<Connection>> open_;  // waiting and served
  bool draining_ = false, ended_ = false;
  std::chrono::steady_clock::time_point drained_{};  // since when
  std::vector<std::thread> threads_;
  std::thread watcher_;
};

}  // namespace hilum
