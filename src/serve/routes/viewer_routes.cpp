// The viewer: a page and its files, from the binary.
#include <map>
#include <string>

#include "serve/routes/embedded_files.h"
#include "serve/routes/routes.h"
#include "serve/wire/openai_errors.h"

namespace hilum {
namespace {

const std::map<std::string, const char*> kTypes = {{"html", "text/html; charset=utf-8"},
    {"css", "text/css; charset=utf-8"}, {"js", "text/javascript; charset=utf-8"}, {"svg", "image/svg+xml"}};

HttpAnswer file_reply(std::string_view name) {
  for (const ViewerFile& file : viewer_files()) {
    if (file.name != name) continue;
    const auto type = kTypes.find(std::string(name.substr(name.rfind('.') + 1)));
    Reply reply{.content_type = type == kTypes.end() ? "application/octet-stream" : type->second,
        .body = std::string(file.content)};
    add_header(reply, "Content-Security-Policy",
        "default-src 'self'; img-src 'self' blob: data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'");
    add_header(reply, "Referrer-Policy", "no-referrer");
    add_header(reply, "Cache-Control", "no-cache");
    return reply;
  }
  throw RequestError(404, "", "there is no such file");
}

}  // namespace

void add_viewer_routes(std::vector<Route>& routes) {
  routes.push_back({"GET", "/", [](const HttpRequest&) { return file_reply("index.html"); }, openai_error, true});
  routes.push_back({"GET", "/viewer/*",
      [](const HttpRequest& request) {
        return file_reply(std::string_view(request.path).substr(std::string_view("/viewer/").size()));
      },
      openai_error, true});
}

}  // namespace hilum
