// HTTP as the routes see it, and nothing of the library below: requests read whole, answers written whole or as a
// stream.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "serve/wire/reply.h"

namespace hilum {

struct HttpPart {  // of multipart/form-data
  std::string name, filename, content_type;
  std::string_view bytes;  // valid while the request is answered, a stream's end included
};

struct HttpRequest {
  std::string method, path,
      id;  // id: X-Request-Id of the client (letters, digits, - and _, at most 64), else one of ours
  std::map<std::string, std::string> headers;  // names in lower case
  std::string_view body;                       // of anything but multipart; valid as HttpPart::bytes is
  std::vector<HttpPart> parts;
  std::function<bool()> gone;  // whether the client has left; cheap enough for every token

  std::string header(const std::string& lower_name) const;
  double seconds_allowed() const;  // X-Request-Timeout; infinity where it is not there. Throws RequestError 400.
  const HttpPart* part(std::string_view name) const;
};

struct HttpAnswer {
  Reply reply;
  // Not empty: the body is a stream of reply.content_type that this writes, piece by piece; write() is false once the
  // client has left.
  using Write = std::function<bool(std::string_view)>;
  std::function<void(const Write& write)> stream;

  HttpAnswer() = default;
  HttpAnswer(Reply whole) : reply(std::move(whole)) {}  // NOLINT: an answer is a reply, mostly
};

struct Route {
  // '*' at the end of a path holds for all that begin so; elsewhere for one name between slashes.
  std::string method, path;
  std::function<HttpAnswer(const HttpRequest&)> handle;
  Reply (*error)(const Error&);  // what went wrong, in the route's own form
  bool open = false;             // needs no key
};

struct HttpLimits {
  size_t body_bytes = size_t{64} << 20;
  int connections = 64;             // each has a thread
  double head_s = 15, body_s = 60;  // until a request's header and its body must have come
  double idle_s = 30;               // a connection may wait for its next request
};

struct HttpConfig {
  std::string host = "127.0.0.1";
  int port = 8080;                    // 0: any that is free
  std::string tls_cert, tls_key;      // PEM files; both or none
  std::vector<std::string> api_keys;  // empty: no key is asked for
  HttpLimits limits;
  std::function<void()> refused;  // told of each connection that is refused past the limit; may be empty
};

// Told after each request, for logs and metrics: never holds anything of a body.
struct RequestRecord {
  std::string id, method, route;  // the route's own path, not the client's
  int status = 0;
  size_t bytes_in = 0;
  double seconds = 0;  // from the end of the header to the end of the answer
};

class HttpServer {
 public:
  // Throws Error for keys or certificates that cannot be read.
  HttpServer(HttpConfig config, std::vector<Route> routes, std::function<void(const RequestRecord&)> record);
  ~HttpServer();

  int bind();    // the port; throws Error naming who holds it where it cannot be had
  void run();    // until drain(); returns when every accepted request is answered
  void drain();  // takes no more connections; callable from any thread

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Equal, in a time that does not tell how much of it is.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace hilum
