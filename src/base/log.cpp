#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>

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
    logger().log(level, nlohmann::json{{"level", name}, {"message", text}}.dump(
                            -1, ' ', false, nlohmann::json::error_handler_t::replace));
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

void log_event(const std::string& name, const Json& values) {
  if (current.json) {
    Json line{{"level", "info"}, {"message", name}};
    line.update(values);
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    line["time"] = static_cast<double>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count()) /
                   1000.0;  // seconds since 1970
    logger().log(spdlog::level::info, line.dump(-1, ' ', false, Json::error_handler_t::replace));
    return;
  }
  std::string text = name;
  for (const auto& [key, value] : values.items())
    text += " " + key + "=" + (value.is_string() ? value.get<std::string>() : value.dump());
  logger().log(spdlog::level::info, text);
}

}  // namespace hilum
