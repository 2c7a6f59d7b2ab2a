// Logs and warnings on stderr; results never go here. No patient data: callers pass paths and counts, not contents.
#pragma once

#include <string>

#include "base/json.h"

namespace hilum {

struct LogConfig {
  bool quiet = false;  // only errors
  bool json = false;   // one JSON object a line
};
void set_up_log(const LogConfig& config);
const LogConfig& log_config();

void log_info(const std::string& text);
void log_warning(const std::string& text);
void log_error(const std::string& text);
// A note with named values: their own keys where logs are JSON, else "name key=value ...".
void log_event(const std::string& name, const Json& values);

}  // namespace hilum
