#include "text/json_fields.h"

#include <nlohmann/json.hpp>

#include "base/error.h"

namespace hilum {

JsonFields::JsonFields(const Json& object, std::string where) : object_(object), where_(std::move(where)) {
  check(object_.is_object(), where_.c_str(), "is not a JSON object");
}

bool JsonFields::has(const char* name) const {
  const auto found = object_.find(name);
  return found != object_.end() && !found->is_null();
}

const Json& JsonFields::member(const char* name) const {
  const auto found = object_.find(name);
  check(found != object_.end(), where_.c_str(), std::string("has no \"") + name + "\"");
  return *found;
}

std::string JsonFields::string(const char* name) const {
  const Json& value = member(name);
  check(value.is_string(), place(name).c_str(), "is not a string");
  return value.get<std::string>();
}

int64_t JsonFields::integer(const char* name) const {
  const Json& value = member(name);
  // An unsigned value past int64 would come back negative, which every caller refuses; say so here instead.
  check(value.is_number_integer() && !(value.is_number_unsigned() && value.get<uint64_t>() > INT64_MAX),
      place(name).c_str(), "is not a whole number");
  return value.get<int64_t>();
}

bool JsonFields::boolean(const char* name, bool fallback) const {
  if (!has(name)) return fallback;
  const Json& value = member(name);
  check(value.is_boolean(), place(name).c_str(), "is neither true nor false");
  return value.get<bool>();
}

std::string JsonFields::string(const char* name, const std::string& fallback) const {
  return has(name) ? string(name) : fallback;
}
int64_t JsonFields::integer(const char* name, int64_t fallback) const { return has(name) ? integer(name) : fallback; }

}  // namespace hilum
