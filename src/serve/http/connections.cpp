#include "serve/http/connections.h"

#include <algorithm>
#include <cerrno>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"

namespace hilum {
namespace {

thread_local std::shared_ptr<Connection> served;

// Address and port of the other end, where the own end is `port`; empty for any other descriptor.
std::string peer_of(int socket, int port) {
  sockaddr_storage own{}, peer{};
  socklen_t own_length = sizeof own, peer_length = sizeof peer;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&own), &own_length) != 0) return "";
  const int own_port = own.ss_family == AF_INET    ? ntohs(reinterpret_cast<const sockaddr_in&>(own).sin_port)
                       : own.ss_family == AF_INET6 ? ntohs(reinterpret_cast<const sockaddr_in6&>(own).sin6_port)
                                                   : 0;
  if (own_port != port || port == 0) return "";
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &peer_length) != 0) return "";
  return std::string(reinterpret_cast<const char*>(&peer), peer_length);
}

constexpr int kMaxDescriptor = 65536;
constexpr double kDrainGrace = 0.5;  // s: a request on its way when the drain begins is still taken
constexpr std::string_view kTooMany =
    "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Type: application/json\r\nConnection: "
    "close\r\nContent-Length: 97\r\n\r\n"
    "{\"error\":{\"message\":\"too many "
    "connections\",\"type\":\"unavailable_error\",\"param\":null,\"code\":null}}\n\n";

}  // namespace

bool Connection::is_open() const { return socket >= 0 && peer_of(socket, port) == peer; }

bool Connection::client_left() const {
  if (socket < 0) return false;  // not known
  pollfd at{socket, POLLIN | POLLRDHUP, 0};
  if (::poll(&at, 1, 0) <= 0) return false;
  if (at.revents & (POLLERR | POLLHUP | POLLNVAL)) return true;
  char byte;
  return ::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

Connections::Connections(const HttpLimits& limits, bool plain, std::function<void()> refused)
    : limits_(limits), plain_(plain), refused_(std::move(refused)) {
  check(
      limits.connections > 0, "--max-connections", "is " + std::to_string(limits.connections) + ", wanted at least 1");
  for (int i = 0; i < limits.connections; ++i) threads_.emplace_back([this] { work(); });
  watcher_ = std::thread([this] { watch(); });
}

Connections::~Connections() {
  drain();
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  end_.notify_all();
  watcher_.join();
}

Connection* Connections::current() { return served.get(); }

// The one socket on our port that is in no list yet: sockets are accepted on one thread, and this is called after each.
std::shared_ptr<Connection> Connections::newest() {
  auto connection = std::make_shared<Connection>();
  int closed = 0;  // the lowest free number is given out, so it lies among the first gaps
  for (int socket = 3; socket < kMaxDescriptor && closed < 64 + limits_.connections; ++socket) {
    errno = 0;
    const std::string peer = peer_of(socket, port_);
    closed += errno == EBADF;
    if (peer.empty()) continue;
    const bool known = std::any_of(
        open_.begin(), open_.end(), [&](const auto& other) { return other->socket == socket && other->peer == peer; });
    if (known) continue;
    connection->socket = socket;
    connection->peer = peer;
    connection->port = port_;
    break;
  }
  return connection;
}

void Connections::accept(std::function<void()> serve) {
  const std::lock_guard lock(mutex_);
  const std::shared_ptr<Connection> connection = newest();
  if (connection->socket >= 0 && (draining_ || open_.size() >= static_cast<size_t>(limits_.connections))) {
    if (refused_) refused_();
    if (plain_)
      static_cast<void>(::send(connection->socket, kTooMany.data(), kTooMany.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
    ::shutdown(connection->socket, SHUT_RDWR);
    ::close(connection->socket);  // the library would do so at the end of serve(), which is not run
    return;
  }
  open_.push_back(connection);
  waiting_.emplace_back(std::move(serve), connection);
  wake_.notify_one();
}

void Connections::work() {
  for (;;) {
    std::function<void()> serve;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return !waiting_.empty() || draining_; });
      if (waiting_.empty()) return;
      serve = std::move(waiting_.front().first);
      served = std::move(waiting_.front().second);
      waiting_.pop_front();
    }
    serve();  // closes the socket
    const std::lock_guard lock(mutex_);
    std::erase(open_, served);
    served.reset();
  }
}

void Connections::watch() {
  using Clock = std::chrono::steady_clock;
  std::unique_lock lock(mutex_);
  while (!end_.wait_for(lock, std::chrono::milliseconds(200), [&] { return ended_; })) {
    for (const auto& connection : open_) {
      const Phase phase = connection->phase;
      const auto since = draining_ ? std::max(connection->since.load(), drained_) : connection->since.load();
      const double waited = std::chrono::duration<double>(Clock::now() - since).count();
      const double allowed = phase == Phase::kHead
                                 ? (draining_                 ? kDrainGrace
                                       : connection->answered ? std::max(limits_.head_s, limits_.idle_s)
                                                              : limits_.head_s)
                                 : limits_.body_s;
      if (phase != Phase::kAnswer && waited > allowed && connection->is_open())
        ::shutdown(connection->socket, SHUT_RDWR);  // its thread's read ends
    }
  }
}

void Connections::drain() {
  {
    const std::lock_guard lock(mutex_);
    if (threads_.empty()) return;
    if (!draining_) drained_ = std::chrono::steady_clock::now();
    draining_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace hilum
