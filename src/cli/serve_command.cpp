#include <atomic>
#include <csignal>
#include <thread>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "cli/report_run.h"
#include "report/whitespace.h"
#include "serve/routes/routes.h"

namespace hilum {
namespace {

// "name=path", or a path alone; a path that is there is never taken apart.
ModelSource source_of(const std::string& given) {
  const size_t at = given.find('=');
  if (at == std::string::npos || at == 0 || fs::exists(given)) return {"", given};
  return {given.substr(0, at), given.substr(at + 1)};
}

std::vector<std::string> read_keys(const fs::path& path) {
  std::vector<std::string> keys;
  const std::string file = read_file(path, 1 << 20);
  for (const std::string_view line : split_lines(file))
    if (const std::string_view key = trim(line); !key.empty() && key[0] != '#') keys.emplace_back(key);
  check(!keys.empty(), path.c_str(), "holds no key", "Write one key a line, or leave --api-key-file out.");
  return keys;
}

ServiceConfig service_config(const OptionValues& options) {
  ServiceConfig config;
  for (const std::string& given : options.all("--model")) config.models.push_back(source_of(given));
  if (config.models.empty()) config.models.push_back({"", demo_model_path()});
  config.lora = options.text("--lora");
  config.index = options.text("--index");
  config.adapter = options.text("--adapter");
  config.worker.schedule.slots = static_cast<int>(options.integer("--slots"));
  config.worker.schedule.waiting = static_cast<int>(options.integer("--queue"));
  config.worker.context = options.integer("--context");
  config.worker.timeout_s = static_cast<double>(options.integer("--request-timeout"));
  config.worker.backend = backend_config(options);
  config.cache_bytes = static_cast<uint64_t>(options.integer("--cache-mib")) << 20;
  config.score_form = options.text("--score-form") == "documents" ? ScoreForm::kDocuments : ScoreForm::kWire;
  config.allow_demo = options.flag("--allow-demo");
  config.max_pixels = options.integer("--max-megapixels") * 1'000'000;
  return config;
}

HttpConfig http_config(const OptionValues& options) {
  HttpConfig config{.host = options.text("--host"),
      .port = static_cast<int>(options.integer("--port")),
      .tls_cert = options.text("--tls-cert"),
      .tls_key = options.text("--tls-key")};
  if (const auto file = options.maybe("--api-key-file")) config.api_keys = read_keys(*file);
  config.limits.connections = static_cast<int>(options.integer("--max-connections"));
  config.limits.body_bytes = static_cast<size_t>(options.integer("--max-body-mib")) << 20;
  config.limits.head_s = static_cast<double>(options.integer("--header-timeout"));
  config.limits.body_s = static_cast<double>(options.integer("--body-timeout"));
  config.limits.idle_s = static_cast<double>(options.integer("--idle-timeout"));
  return config;
}

void log_request(const RequestRecord& record) {
  log_event(
      "request", {{"id", record.id}, {"method", record.method}, {"route", record.route}, {"status", record.status},
                     {"bytes_in", record.bytes_in}, {"ms", std::round(record.seconds * 1e6) / 1e3}});
}

}  // namespace

int run_serve(const OptionValues& options) {
  set_up_from(options);
#ifdef __GLIBC__
  // A request's picture passes through several threads. With glibc's eight arenas a core each of them keeps its own
  // freed megabytes: a third more memory, and minutes until it no longer grows. Two serve as many requests a second
  // (docs/serving.md).
  mallopt(M_ARENA_MAX, 2);
#endif
  // Signals are taken by one thread that waits for them; every other thread, made below, inherits the mask.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  Service service(service_config(options));
  HttpConfig http = http_config(options);
  http.refused = [&] { service.metrics().refused_connection(); };
  HttpServer server(http, all_routes(service), [&](const RequestRecord& record) {
    service.metrics().request(record);
    log_request(record);
  });
  const int port = server.bind();
  if (http.host != "127.0.0.1" && http.host != "localhost" && http.host != "::1" &&
      (http.api_keys.empty() || http.tls_cert.empty()))
    log_warning(fmt::format("{} can be reached from other machines{}{}", http.host,
        http.api_keys.empty() ? ", without a key" : "", http.tls_cert.empty() ? ", without TLS" : ""));
  log_info(fmt::format("listening on {}://{}:{}", http.tls_cert.empty() ? "http" : "https", http.host, port));
  std::atomic<bool> ended = false;
  std::thread waiter([&] {
    const timespec tick{0, 100'000'000};
    while (!ended) {
      if (sigtimedwait(&signals, nullptr, &tick) < 0) continue;
      log_info("going down: what is accepted is still answered");
      service.drain();
      server.drain();
      return;
    }
  });
  server.run();
  ended = true;
  waiter.join();
  return static_cast<int>(ExitCode::kDone);
}

}  // namespace hilum
