#include "base/json_fields.h"

#include <cmath>
#include <limits>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace hilum {
namespace {

constexpr const char* kText = "a text";
constexpr const char* kFlag = "true or false";
constexpr const char* kWhole = "a whole number";
constexpr const char* kWholes = "a whole number or a list of them";
constexpr const char* kTexts = "a list of texts";
constexpr const char* kReals = "a list of numbers";

bool fits_int64(const Json& value) {
  return value.is_number_integer() &&
         !(value.is_number_unsigned() &&
             value.get<uint64_t>() > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()));
}

bool fits_int(const Json& value) {
  if (!fits_int64(value)) return false;
  const auto number = value.get<int64_t>();
  return number >= std::numeric_limits<int>::min() && number <= std::numeric_limits<int>::max();
}

}  // namespace

JsonFields::JsonFields(const Json& object, std::string where, JsonWords words)
    : json_(&object), where_(std::move(where)), words_(words) {
  check(object.is_object(), where_.c_str(), "is not a JSON object");
}

const Json* JsonFields::find(const char* key) const {
  const auto at = json_->find(key);
  return at == json_->end() || at->is_null() ? nullptr : &*at;
}

void JsonFields::wrong(const char* key, const std::string& wanted) const {
  if (words_ == JsonWords::kPlace)
    throw Error(place(key), wanted == kText   ? "is not a string"
                            : wanted == kFlag ? "is neither true nor false"
                                              : "is not " + wanted);
  std::string seen = json_->at(key).dump();
  if (seen.size() > 60) seen = seen.substr(0, 57) + "...";
  throw Error(where_, fmt::format("\"{}\" is {}, wanted {}", key, seen, wanted));
}

std::string JsonFields::text_of(const char* key, const Json& value) const {
  if (!value.is_string()) wrong(key, kText);
  return value.get<std::string>();
}

// An unsigned value past int64 would come back negative.
int64_t JsonFields::whole_of(const char* key, const Json& value) const {
  if (!fits_int64(value)) wrong(key, kWhole);
  return value.get<int64_t>();
}

bool JsonFields::has(const char* key) const { return find(key) != nullptr; }

const Json& JsonFields::member(const char* key) const {
  const auto found = json_->find(key);
  if (found == json_->end()) throw Error(where_, fmt::format("has no \"{}\"", key));
  return *found;
}

std::string JsonFields::text(const char* key) const { return text_of(key, member(key)); }
int64_t JsonFields::whole(const char* key) const { return whole_of(key, member(key)); }

std::string JsonFields::text(const char* key, const std::string& absent) const {
  const Json* value = find(key);
  return value ? text_of(key, *value) : absent;
}

int64_t JsonFields::whole(const char* key, int64_t absent) const {
  const Json* value = find(key);
  return value ? whole_of(key, *value) : absent;
}

int JsonFields::integer(const char* key, int absent, int max) const {
  const Json* value = find(key);
  if (!value) return absent;
  if (!fits_int(*value)) wrong(key, kWhole);
  const int number = value->get<int>();
  if (number < 0 && absent >= 0) wrong(key, "a number that is not negative");
  if (number > max || number < -max) wrong(key, fmt::format("at most {}", max));
  return number;
}

float JsonFields::real(const char* key, float absent) const {
  const Json* value = find(key);
  if (!value) return absent;
  if (!value->is_number() || !std::isfinite(value->get<float>())) wrong(key, "a number");
  return value->get<float>();
}

bool JsonFields::flag(const char* key, bool absent) const {
  const Json* value = find(key);
  if (!value) return absent;
  if (!value->is_boolean()) wrong(key, kFlag);
  return value->get<bool>();
}

std::vector<std::string> JsonFields::texts(const char* key) const {
  std::vector<std::string> all;
  const Json* value = find(key);
  if (!value) return all;
  if (!value->is_array()) wrong(key, kTexts);
  for (const Json& item : *value) {
    if (!item.is_string()) wrong(key, kTexts);
    all.push_back(item.get<std::string>());
  }
  return all;
}

std::vector<int> JsonFields::integers(const char* key) const {
  std::vector<int> all;
  const Json* value = find(key);
  if (!value) return all;
  if (fits_int(*value)) return {value->get<int>()};
  if (!value->is_array()) wrong(key, kWholes);
  for (const Json& item : *value) {
    if (!fits_int(item)) wrong(key, kWholes);
    all.push_back(item.get<int>());
  }
  return all;
}

std::vector<double> JsonFields::reals(const char* key) const {
  std::vector<double> all;
  const Json* value = find(key);
  if (!value) return all;
  if (!value->is_array()) wrong(key, kReals);
  for (const Json& item : *value) {
    if (!item.is_number() || !std::isfinite(item.get<double>())) wrong(key, kReals);
    all.push_back(item.get<double>());
  }
  return all;
}

JsonFields JsonFields::part(const char* key) const {
  static const Json empty = Json::object();
  const Json* value = find(key);
  return {value ? *value : empty, place(key), words_};
}

}  // namespace hilum
