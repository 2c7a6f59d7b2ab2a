// As much of JSON Schema (draft 2020-12) as the project's own schemas use, to hold what is written and read to them. A
// keyword that is not known here is a complaint, so that none is passed over.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/json.h"

namespace hilum {

class SchemaCheck {
 public:
  explicit SchemaCheck(const Json& schema) : root_(schema) {}

  // What of `value` does not fit, each with the way to it; empty: it is valid.
  std::vector<std::string> complaints(const Json& value) const {
    std::vector<std::string> found;
    check(root_, value, "$", found);
    return found;
  }

 private:
  using Found = std::vector<std::string>;

  static bool is_of(const Json& value, const std::string& type) {
    if (type == "integer")
      return value.is_number_integer() || (value.is_number() && std::floor(value.get<double>()) == value.get<double>());
    return type == "object"    ? value.is_object()
           : type == "array"   ? value.is_array()
           : type == "string"  ? value.is_string()
           : type == "number"  ? value.is_number()
           : type == "boolean" ? value.is_boolean()
                               : type == "null" && value.is_null();
  }

  void check(const Json& schema, const Json& value, const std::string& place, Found& found) const {
    for (const auto& [key, rule] : schema.items()) keyword(schema, key, rule, value, place, found);
  }

  void keyword(const Json& schema, const std::string& key, const Json& rule, const Json& value,
      const std::string& place, Found& found) const {
    const auto complain = [&](const std::string& what) { found.push_back(place + " " + what); };
    if (key == "$schema" || key == "$id" || key == "title" || key == "description" || key == "$defs") return;
    if (key == "$ref") {
      check(root_.at(Json::json_pointer(rule.get<std::string>().substr(1))), value, place, found);
    } else if (key == "type") {
      bool fits = false;
      for (const Json& type : rule.is_array() ? rule : Json::array({rule})) fits = fits || is_of(value, type);
      if (!fits) complain("is no " + rule.dump());
    } else if (key == "const") {
      if (value != rule) complain("is not " + rule.dump());
    } else if (key == "enum") {
      if (std::find(rule.begin(), rule.end(), value) == rule.end()) complain("is none of " + rule.dump());
    } else if (key == "anyOf") {
      bool fits = false;
      for (const Json& one : rule) {
        Found tried;
        check(one, value, place, tried);
        fits = fits || tried.empty();
      }
      if (!fits) complain("fits none of anyOf");
    } else if (key == "minimum" || key == "maximum") {
      if (value.is_number() && (key == "minimum" ? value < rule : value > rule)) complain("is beyond its " + key);
    } else if (key == "minLength") {
      if (value.is_string() && value.get<std::string>().size() < rule) complain("is too short");
    } else if (key == "minItems" || key == "maxItems") {
      if (value.is_array() && (key == "minItems" ? value.size() < rule : value.size() > rule))
        complain("has " + std::to_string(value.size()) + " items");
    } else if (key == "items") {
      for (size_t i = 0; value.is_array() && i < value.size(); ++i)
        check(rule, value[i], place + "[" + std::to_string(i) + "]", found);
    } else if (key == "required") {
      for (const Json& name : rule)
        if (value.is_object() && !value.contains(name.get<std::string>())) complain("lacks " + name.dump());
    } else if (key == "properties") {
      if (value.is_object())
        for (const auto& [name, inner] : rule.items())
          if (value.contains(name)) check(inner, value[name], place + "." + name, found);
    } else if (key == "additionalProperties") {
      if (value.is_object())
        for (const auto& [name, inner] : value.items()) {
          if (schema.contains("properties") && schema["properties"].contains(name)) continue;
          if (rule.is_object()) check(rule, inner, place + "." + name, found);
          else if (rule == false) complain("may not have \"" + name + "\"");
        }
    } else {
      complain("stands under the keyword \"" + key + "\", which is not known here");
    }
  }

  const Json& root_;
};

// Every value of a property somewhere in `value` put out of form, one at a time: visit(changed, the way to it). Numbers
// and words become an object, everything else a word.
template <class Visit>
void each_misshapen(
    const Json& value, Visit visit, const Json::json_pointer& at = Json::json_pointer(), const Json* whole = nullptr) {
  const Json& all = whole ? *whole : value;
  const Json& here = all.at(at);
  if (!at.empty()) {
    Json changed = all;
    changed[at] = here.is_structured() || here.is_null() || here.is_boolean() ? Json("misshapen") : Json::object();
    visit(changed, at.to_string());
  }
  if (here.is_object())
    for (const auto& [key, inner] : here.items()) each_misshapen(value, visit, at / key, &all);
  else if (here.is_array())
    for (size_t i = 0; i < here.size(); ++i) each_misshapen(value, visit, at / i, &all);
}

}  // namespace hilum
