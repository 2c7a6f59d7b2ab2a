#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

namespace hilum {
namespace {

LogConfig current;

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = [] {
    auto made = std::make_shared<spdlog::logger>("hilum", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    return made;
  }();
  return *instance;
}

void write(spdlog::level::level_enum level, const char* name, const std::string& text) {
  if (current.json) {
    logger().log(level, nlohmann::json{{"level", name}, {"message", text}}.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    logger().log(level, level == spdlog::level::info ? text : std::string(name) + ": " + text);
  }
}

}  // namespace

void set_up_log(const LogConfig& config) {
  current = config;
  logger().set_level(config.quiet ? spdlog::level::err : spdlog::level::info);
}
const LogConfig& log_config() { return current; }

void log_info(const std::string& text) { write(spdlog::level::info, "info", text); }
void log_warning(const std::string& text) { write(spdlog::level::warn, "warning", text); }
void log_error(const std::string& text) { write(spdlog::level::err, "error", text); }

}  // namespace hilum
