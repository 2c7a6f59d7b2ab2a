// Typed look-ups in a published config.json: absent or null keys take the given default, a wrong type is an Error
// naming the key.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"

namespace hilum {

class ConfigReader {
 public:
  // `where` names the file and part, e.g. "config.json: vision_config". The JSON must outlive this.
  ConfigReader(const Json& json, std::string where);

  bool has(const char* key) const;  // present and not null
  // 0 .. max, or from -max where the default is negative. The limit keeps products of sizes inside 64 bits.
  int integer(const char* key, int absent, int max = 1 << 24) const;
  float real(const char* key, float absent) const;  // finite
  bool flag(const char* key, bool absent) const;
  std::string text(const char* key, const std::string& absent) const;
  std::vector<std::string> texts(const char* key) const;  // empty when absent
  std::vector<int> integers(const char* key) const;       // a number or a list of them; empty when absent
  std::vector<double> reals(const char* key) const;       // finite; empty when absent
  ConfigReader part(const char* key) const;               // a nested object; an empty one when absent
  const Json& json() const { return *json_; }
  const std::string& where() const { return where_; }

 private:
  const Json* find(const char* key) const;
  [[noreturn]] void wrong(const char* key, const char* wanted) const;
  const Json* json_;
  std::string where_;
};

}  // namespace hilum
