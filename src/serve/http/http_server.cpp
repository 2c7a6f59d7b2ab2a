#include "serve/http/http.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <limits>
#include <random>

#include <fmt/format.h>
#include <httplib.h>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "serve/http/connections.h"
#include "serve/http/port_holder.h"

namespace hilum {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kBacklog = 512;  // connections the system holds until they are accepted

// The library's pool of threads: ours, which knows the sockets.
class Pool final : public httplib::TaskQueue {
 public:
  explicit Pool(std::shared_ptr<Connections> connections) : connections_(std::move(connections)) {}
  void enqueue(std::function<void()> serve) override { connections_->accept(std::move(serve)); }
  void shutdown() override { connections_->drain(); }

 private:
  std::shared_ptr<Connections> connections_;
};

std::string lower(std::string text) {
  std::transform(
      text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string new_request_id() {
  static thread_local std::mt19937_64 random{std::random_device{}()};
  return fmt::format("{:016x}", random());
}

std::string request_id(const httplib::Request& request) {
  const std::string given = request.get_header_value("X-Request-Id");
  const bool plain =
      !given.empty() && given.size() <= 64 &&
      std::all_of(given.begin(), given.end(), [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; });
  return plain ? given : new_request_id();
}

bool matches(const Route& route, const std::string& path) {
  const size_t star = route.path.find('*');
  if (star == std::string::npos) return path == route.path;
  if (!path.starts_with(std::string_view(route.path).substr(0, star))) return false;
  if (star + 1 == route.path.size()) return true;
  const size_t end = path.find('/', star);
  return end != std::string::npos && end > star &&
         std::string_view(path).substr(end) == std::string_view(route.path).substr(star + 1);
}

// A request's body, for as long as its answer is written.
struct Body {
  std::string whole;
  httplib::MultipartFormDataItems parts;
  size_t bytes = 0;
};
constexpr size_t kMaxParts = 64;

// Whether it came to its end, and no more than `most` bytes of it.
bool read_body(const httplib::Request& request, const httplib::ContentReader& reader, size_t most, Body& body) {
  const auto fits = [&](size_t more) { return (body.bytes += more) <= most; };
  if (!request.is_multipart_form_data())
    return reader([&](const char* data, size_t size) {
      if (!fits(size)) return false;
      body.whole.append(data, size);
      return true;
    });
  return reader(
      [&](const httplib::MultipartFormData& part) {
        body.parts.push_back(part);
        return body.parts.size() <= kMaxParts;
      },
      [&](const char* data, size_t size) {
        if (!fits(size) || body.parts.empty()) return false;
        body.parts.back().content.append(data, size);
        return true;
      });
}

// The key a request shows: "Authorization: Bearer KEY", or "api-key: KEY" as Azure's clients send it.
std::string shown_key(const httplib::Request& request) {
  const std::string given = request.get_header_value("Authorization");
  const size_t blank = given.find(' ');
  if (blank == std::string::npos || lower(given.substr(0, blank)) != "bearer")
    return request.get_header_value("api-key");
  return given.substr(std::min(given.find_first_not_of(' ', blank), given.size()));
}

// Of the request that this thread is serving.
struct Served {
  std::string id;
  const Route* route = nullptr;
  Clock::time_point begun;
  bool body_unread = false;  // refused before its body was read: the connection cannot go on
  size_t bytes_in = 0;
};
thread_local Served now;

}  // namespace

std::string HttpRequest::header(const std::string& name) const {
  const auto at = headers.find(name);
  return at == headers.end() ? "" : at->second;
}

double HttpRequest::seconds_allowed() const {
  const std::string text = header("x-request-timeout");
  if (text.empty()) return std::numeric_limits<double>::infinity();
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || !(seconds > 0))
    throw RequestError(400, "X-Request-Timeout", "is no positive number of seconds",
        "Send a header like \"X-Request-Timeout: 2.5\", or none.");
  return seconds;
}

const HttpPart* HttpRequest::part(std::string_view name) const {
  const auto at = std::find_if(parts.begin(), parts.end(), [&](const HttpPart& part) { return part.name == name; });
  return at == parts.end() ? nullptr : &*at;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  // every byte of the longer one is looked at, whatever the others are
  unsigned differs = a.size() == b.size() ? 0 : 1;
  for (size_t i = 0; i < std::max(a.size(), b.size()); ++i)
    differs |=
        static_cast<unsigned char>(i < a.size() ? a[i] : 0) ^ static_cast<unsigned char>(i < b.size() ? b[i] : 0);
  return differs == 0;
}

class HttpServer::Impl {
 public:
  Impl(HttpConfig config, std::vector<Route> routes, std::function<void(const RequestRecord&)> record);
  int bind();
  void run();
  void drain() { server_->stop(); }

 private:
  httplib::Server::HandlerResponse before_body(const httplib::Request& request, httplib::Response& response);
  void handle(const httplib::Request& from, httplib::Response& response, std::shared_ptr<const Body> body);
  void handle_body(const httplib::Request& from, httplib::Response& response, const httplib::ContentReader& reader);
  void refuse(httplib::Response& response, int status, const std::string& message, const Route* route);
  void put(httplib::Response& response, const Reply& reply);
  void after(const httplib::Request& request, const httplib::Response& response);
  const Route* route_for(const std::string& method, const std::string& path, bool& other_method) const;
  bool has_key(const httplib::Request& request) const;

  HttpConfig config_;
  std::vector<Route> routes_;
  std::function<void(const RequestRecord&)> record_;
  std::unique_ptr<httplib::Server> server_;
  std::shared_ptr<Connections> connections_;
  socket_t listener_ = -1;
};

HttpServer::Impl::Impl(HttpConfig config, std::vector<Route> routes, std::function<void(const RequestRecord&)> record)
    : config_(std::move(config)), routes_(std::move(routes)), record_(std::move(record)) {
  check(config_.tls_cert.empty() == config_.tls_key.empty(), "--tls-cert", "and --tls-key go together",
      "Name both PEM files, or none.");
  if (config_.tls_cert.empty()) {
    server_ = std::make_unique<httplib::Server>();
  } else {
    for (const std::string& file : {config_.tls_cert, config_.tls_key})
      static_cast<void>(read_file(file, 1 << 20));  // says what is wrong with the file
    server_ = std::make_unique<httplib::SSLServer>(config_.tls_cert.c_str(), config_.tls_key.c_str());
    check(server_->is_valid(), "--tls-cert", "certificate and key cannot be used together",
        "Name a PEM certificate and its own key.");
  }
  connections_ = std::make_shared<Connections>(config_.limits, config_.tls_cert.empty(), config_.refused);
  server_->new_task_queue = [this] { return new Pool(connections_); };
  server_->set_keep_alive_max_count(1000);
  server_->set_keep_alive_timeout(static_cast<time_t>(config_.limits.idle_s));
  server_->set_read_timeout(static_cast<time_t>(std::max(config_.limits.head_s, config_.limits.body_s)));
  server_->set_write_timeout(30);
  server_->set_tcp_nodelay(true);
  server_->set_socket_options([this](socket_t socket) {
    // Not the library's own options: with them (SO_REUSEPORT) a second server could listen on the same port
    const int yes = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    listener_ = socket;
  });
  server_->set_payload_max_length(config_.limits.body_bytes);
  server_->set_pre_routing_handler(
      [this](const auto& request, auto& response) { return before_body(request, response); });
  server_->Get(".*", [this](const httplib::Request& request, httplib::Response& response) {
    handle(request, response, std::make_shared<const Body>());
  });
  server_->Post(".*", [this](const httplib::Request& request, httplib::Response& response,
                          const httplib::ContentReader& reader) { handle_body(request, response, reader); });
  server_->set_error_handler(httplib::Server::Handler(
      [this](const httplib::Request&,
          httplib::Response& response) {  // of the library's own: a body past the limit, a bad request line
        if (response.body.empty() && !response.content_provider_)
          refuse(response, response.status,
              response.status == 413 ? fmt::format("the body is larger than {} bytes", config_.limits.body_bytes)
                                     : "bad request",
              now.route);
      }));
  server_->set_exception_handler(
      [this](const httplib::Request&, httplib::Response& response, const std::exception_ptr&) {
        refuse(response, 500, "an error inside the server", now.route);
      });
  server_->set_logger([this](const auto& request, const auto& response) { after(request, response); });
}

const Route* HttpServer::Impl::route_for(const std::string& method, const std::string& path, bool& other_method) const {
  for (const Route& route : routes_) {
    if (!matches(route, path)) continue;
    if (route.method == method || (method == "HEAD" && route.method == "GET")) return &route;
    other_method = true;
  }
  return nullptr;
}

bool HttpServer::Impl::has_key(const httplib::Request& request) const {
  const std::string given = shown_key(request);
  bool found = false;
  for (const std::string& key : config_.api_keys) found |= equal_in_constant_time(given, key);  // all of them, always
  return found;
}

void HttpServer::Impl::put(httplib::Response& response, const Reply& reply) {
  response.status = reply.status;
  if (reply.status == 429 || reply.status == 503) response.set_header("Retry-After", "1");
  for (const auto& [name, value] : reply.headers) response.set_header(name, value);
  response.set_content(reply.body, reply.content_type);
}

void HttpServer::Impl::refuse(httplib::Response& response, int status, const std::string& message, const Route* route) {
  if (route && route->error) return put(response, route->error(RequestError(status, "", message)));
  response.status = status;
  response.set_content(message + "\n", "text/plain");
}

httplib::Server::HandlerResponse HttpServer::Impl::before_body(
    const httplib::Request& request, httplib::Response& response) {
  now = {.id = request_id(request), .begun = Clock::now()};
  if (Connection* connection = Connections::current()) connection->enter(Phase::kBody);
  response.set_header("X-Request-Id", now.id);
  response.set_header("X-Content-Type-Options", "nosniff");
  bool other_method = false;
  now.route = route_for(request.method, request.path, other_method);
  const std::string length = request.get_header_value("Content-Length");
  const bool has_body = request.has_header("Transfer-Encoding") || (!length.empty() && length != "0");
  const auto stop = [&](int status, const std::string& message) {
    now.body_unread = has_body;
    refuse(response, status, message, now.route ? now.route : &routes_.front());
    return httplib::Server::HandlerResponse::Handled;
  };
  if (!now.route) {
    if (other_method) return stop(405, fmt::format("{} is not a method of this path", request.method));
    return stop(404, "no such path; /openapi.json lists them");
  }
  if (!now.route->open && !config_.api_keys.empty() && !has_key(request)) {
    response.set_header("WWW-Authenticate", "Bearer");
    return stop(401, "a key is needed: send the header Authorization: Bearer KEY, or api-key: KEY");
  }
  if (request.has_header("Transfer-Encoding")) {
    if (lower(request.get_header_value("Transfer-Encoding")) != "chunked" ||
        request.get_header_value_count("Transfer-Encoding") > 1)
      return stop(501, "of transfer encodings, chunked alone is read");
    if (!length.empty()) return stop(400, "Content-Length and chunks contradict each other");
    // the library would keep a part's header of any length
    if (request.is_multipart_form_data())
      return stop(411, "send multipart/form-data with a Content-Length, not in chunks");
  }
  if (request.has_header("Content-Encoding")) return stop(415, "send the body as it is, without Content-Encoding");
  if (length.size() > 15 || !std::all_of(length.begin(), length.end(), [](unsigned char c) { return std::isdigit(c); }))
    return stop(400, "Content-Length is not a number");
  if (!length.empty() && std::stoull(length) > config_.limits.body_bytes)
    return stop(413, fmt::format("the body has {} bytes, at most {} are taken", length, config_.limits.body_bytes));
  return httplib::Server::HandlerResponse::Unhandled;
}

void HttpServer::Impl::handle_body(
    const httplib::Request& from, httplib::Response& response, const httplib::ContentReader& reader) {
  const auto body = std::make_shared<Body>();
  if (read_body(from, reader, config_.limits.body_bytes, *body)) return handle(from, response, body);
  now.bytes_in = body->bytes;
  now.body_unread = true;
  if (body->bytes > config_.limits.body_bytes)
    return refuse(response, 413, fmt::format("the body is larger than {} bytes", config_.limits.body_bytes), now.route);
  refuse(response, 400,
      body->parts.size() > kMaxParts ? fmt::format("the body has more than {} parts", kMaxParts)
                                     : "the body is damaged or did not come to its end",
      now.route);
}

void HttpServer::Impl::handle(
    const httplib::Request& from, httplib::Response& response, std::shared_ptr<const Body> body) {
  Connection* connection = Connections::current();
  if (connection) connection->enter(Phase::kAnswer);
  HttpRequest request{.method = from.method, .path = from.path, .id = now.id};
  for (const auto& [name, value] : from.headers) request.headers.emplace(lower(name), value);
  request.body = body->whole;
  now.bytes_in = body->bytes;
  for (const auto& part : body->parts)
    request.parts.push_back({part.name, part.filename, part.content_type, part.content});
  request.gone = [connection] { return connection && connection->client_left(); };
  HttpAnswer answer;
  try {
    answer = now.route->handle(request);
  } catch (const Error& e) {
    answer = now.route->error(e);
  } catch (const std::exception& e) {
    log_error(fmt::format("request {}: {}", now.id, e.what()));
    answer =
        now.route->error(RequestError(500, "", "an error inside the server; its log has more under the request's id"));
  }
  put(response, answer.reply);
  if (!answer.stream) return;
  response.body.clear();
  response.set_header("Cache-Control", "no-store");
  response.set_header("X-Accel-Buffering", "no");  // nginx hands the pieces on as they come
  response.set_chunked_content_provider(answer.reply.content_type,
      [body = std::move(body), stream = std::move(answer.stream)](size_t, httplib::DataSink& sink) {
        stream([&](std::string_view piece) { return sink.is_writable() && sink.write(piece.data(), piece.size()); });
        sink.done();
        return true;
      });
}

// The answer is out. A connection whose request was not read to its end is closed, after what the client is still
// sending has been let in, so that the answer is not lost on its way.
void HttpServer::Impl::after(const httplib::Request& request, const httplib::Response& response) {
  if (record_) {
    const bool has_begun = now.begun != Clock::time_point();  // not where the request's head could not be read
    record_({has_begun ? now.id : new_request_id(), has_begun ? request.method : "", now.route ? now.route->path : "",
        response.status, now.bytes_in,
        has_begun ? std::chrono::duration<double>(Clock::now() - now.begun).count() : 0});
  }
  Connection* connection = Connections::current();
  if (!connection) return;
  if ((now.body_unread || response.status == 413) && connection->socket >= 0) {
    ::shutdown(connection->socket, SHUT_WR);
    const auto until = Clock::now() + std::chrono::seconds(2);
    timeval wait{0, 100'000};
    ::setsockopt(connection->socket, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    char dropped[65536];
    while (Clock::now() < until && ::recv(connection->socket, dropped, sizeof dropped, 0) > 0) {
    }
    ::shutdown(connection->socket, SHUT_RDWR);
  }
  connection->answered = true;
  connection->enter(Phase::kHead);
  now = {};
}

int HttpServer::Impl::bind() {
  int port = config_.port;
  if (port == 0) {
    port = server_->bind_to_any_port(config_.host);
    check(
        port > 0, "--host", fmt::format("{} cannot be listened on", config_.host), "Name an address of this machine.");
  } else {
    const bool is_bound = server_->bind_to_port(config_.host, port);
    const std::string holder = is_bound ? "" : port_holder(port);
    check(holder.empty(), "--port", fmt::format("{} is held by {}", port, holder),
        fmt::format("End it, or name another port: --port {}.", port < 65535 ? port + 1 : port - 1));
    check(is_bound, "--port", fmt::format("{}:{} cannot be listened on", config_.host, port),
        "Name an address of this machine, and a port that you may use (from 1024 on).");
  }
  static_cast<void>(::listen(listener_, kBacklog));  // the library lets five wait, and the sixth for a second
  connections_->listens_on(port);
  return port;
}

void HttpServer::Impl::run() {
  server_->listen_after_bind();
  connections_->drain();
}

HttpServer::HttpServer(HttpConfig config, std::vector<Route> routes, std::function<void(const RequestRecord&)> record)
    : impl_(std::make_unique<Impl>(std::move(config), std::move(routes), std::move(record))) {}
HttpServer::~HttpServer() = default;
int HttpServer::bind() { return impl_->bind(); }
void HttpServer::run() { impl_->run(); }
void HttpServer::drain() { impl_->drain(); }

}  // namespace hilum
