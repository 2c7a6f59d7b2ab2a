// A published config.json: what is absent or null takes the given default, a wrong type is an Error that names the key
// and what it holds.
#pragma once

#include "base/json_fields.h"

namespace hilum {

class ConfigReader : public JsonFields {
 public:
  ConfigReader(const Json& json, std::string where) : JsonFields(json, std::move(where), JsonWords::kSeen) {}
  ConfigReader part(const char* key) const { return ConfigReader(JsonFields::part(key)); }

 private:
  explicit ConfigReader(JsonFields fields) : JsonFields(std::move(fields)) {}
};

}  // namespace hilum
