// Fields of JSON whose shape is another's business: asked for with a type, and absent when they have another.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace hilum {

inline std::string json_text(const nlohmann::ordered_json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  if (found == object.end()) return "";
  return found->is_string()           ? found->get<std::string>()
         : found->is_number_integer() ? std::to_string(found->get<int64_t>())
                                      : "";
}

inline std::optional<double> json_number(const nlohmann::ordered_json& value) {
  return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

}  // namespace hilum
