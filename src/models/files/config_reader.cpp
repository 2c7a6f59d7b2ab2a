#include "models/files/config_reader.h"

#include <cmath>
#include <limits>

#include <nlohmann/json.hpp>

#include "base/error.h"

namespace hilum {
namespace {

bool fits_int(const Json& value) {
  if (!value.is_number_integer()) return false;
  if (value.is_number_unsigned())
    return value.get<uint64_t>() <= static_cast<uint64_t>(std::numeric_limits<int>::max());
  const auto number = value.get<int64_t>();
  return number >= std::numeric_limits<int>::min() && number <= std::numeric_limits<int>::max();
}

}  // namespace

ConfigReader::ConfigReader(const Json& json, std::string where) : json_(&json), where_(std::move(where)) {
  check(json.is_object(), where_.c_str(), "is not a JSON object");
}

const Json* ConfigReader::find(const char* key) const {
  const auto at = json_->find(key);
  return at == json_->end() || at->is_null() ? nullptr : &*at;
}

void ConfigReader::wrong(const char* key, const char* wanted) const {
  std::string seen = json_->at(key).dump();
  if (seen.size() > 60) seen = seen.substr(0, 57) + "...";
  throw Error(where_, std::string("\"") + key + "\" is " + seen + ", wanted " + wanted);
}

bool ConfigReader::has(const char* key) const { return find(key) != nullptr; }

int ConfigReader::integer(const char* key, int absent, int max) const {
  const Json* value = find(key);
  if (!value) return absent;
  if (!fits_int(*value)) wrong(key, "a whole number");
  const int number = value->get<int>();
  if (number < 0 && absent >= 0) wrong(key, "a number that is not negative");
  if (number > max || number < -max) wrong(key, ("at most " + std::to_string(max)).c_str());
  return number;
}

float ConfigReader::real(const char* key, float absent) const {
  const Json* value = find(key);
  if (!value) return absent;
  if (!value->is_number() || !std::isfinite(value->get<float>())) wrong(key, "a number");
  return value->get<float>();
}

bool ConfigReader::flag(const char* key, bool absent) const {
  const Json* value = find(key);
  if (!value) return absent;
  if (!value->is_boolean()) wrong(key, "true or false");
  return value->get<bool>();
}

std::string ConfigReader::text(const char* key, const std::string& absent) const {
  const Json* value = find(key);
  if (!value) return absent;
  if (!value->is_string()) wrong(key, "a text");
  return value->get<std::string>();
}

std::vector<std::string> ConfigReader::texts(const char* key) const {
  const Json* value = find(key);
  std::vector<std::string> all;
  if (!value) return all;
  if (!value->is_array()) wrong(key, "a list of texts");
  for (const Json& item : *value) {
    if (!item.is_string()) wrong(key, "a list of texts");
    all.push_back(item.get<std::string>());
  }
  return all;
}

std::vector<int> ConfigReader::integers(const char* key) const {
  const Json* value = find(key);
  std::vector<int> all;
  if (!value) return all;
  if (fits_int(*value)) return {value->get<int>()};
  if (!value->is_array()) wrong(key, "a whole number or a list of them");
  for (const Json& item : *value) {
    if (!fits_int(item)) wrong(key, "a whole number or a list of them");
    all.push_back(item.get<int>());
  }
  return all;
}

std::vector<double> ConfigReader::reals(const char* key) const {
  const Json* value = find(key);
  std::vector<double> all;
  if (!value) return all;
  if (!value->is_array()) wrong(key, "a list of numbers");
  for (const Json& item : *value) {
    if (!item.is_number() || !std::isfinite(item.get<double>())) wrong(key, "a list of numbers");
    all.push_back(item.get<double>());
  }
  return all;
}

ConfigReader ConfigReader::part(const char* key) const {
  static const Json empty = Json::object();
  const Json* value = find(key);
  return {value ? *value : empty, where_ + ": " + key};
}

}  // namespace hilum
