// What tells an operator and a load balancer how things stand.
#include "serve/routes/embedded_files.h"
#include "serve/routes/routes.h"
#include "serve/wire/openai_errors.h"

namespace hilum {
namespace {

Reply plain(int status, const std::string& text) {
  return {.status = status, .content_type = "text/plain; version=0.0.4; charset=utf-8", .body = text};
}

}  // namespace

void add_health_routes(std::vector<Route>& routes, Service& service) {
  const auto add = [&](const char* path, std::function<HttpAnswer(const HttpRequest&)> handle, bool open) {
    routes.push_back({"GET", path, std::move(handle), openai_error, open});
  };
  const auto health = [](const HttpRequest&) -> HttpAnswer { return Reply{.body = "{\"status\":\"ok\"}"}; };
  add("/health", health, true);
  add("/v1/health", health, true);
  add("/livez", [](const HttpRequest&) -> HttpAnswer { return plain(200, "ok\n"); }, true);
  add(
      "/readyz",
      [&service](const HttpRequest&) -> HttpAnswer {
        if (service.is_ready()) return plain(200, "ok\n");
        return plain(503, "busy or going down\n");
      },
      true);
  add("/metrics", [&service](const HttpRequest&) -> HttpAnswer { return plain(200, service.metrics().text()); }, false);
  add(
      "/openapi.json", [](const HttpRequest&) -> HttpAnswer { return Reply{.body = std::string(openapi_file())}; },
      true);
}

}  // namespace hilum
