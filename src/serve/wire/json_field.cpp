#include "serve/wire/json_field.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/nearest.h"
#include "serve/wire/reply.h"

namespace hilum {

void JsonField::fail(const std::string& what, const std::string& mend) const {
  throw RequestError(400, path_, what, mend);
}
void JsonField::refuse(int status, const std::string& what, const std::string& mend, const std::string& code) const {
  throw RequestError(status, path_, what, mend, code);
}

std::string JsonField::type() const {
  switch (json_->type()) {
    case Json::value_t::object: return "an object";
    case Json::value_t::array: return "a list";
    case Json::value_t::string: return "a string";
    case Json::value_t::boolean: return *json_ ? "true" : "false";
    case Json::value_t::null: return "null";
    default: return "a number";
  }
}

bool JsonField::is_object() const { return json_->is_object(); }
bool JsonField::is_array() const { return json_->is_array(); }
bool JsonField::is_text() const { return json_->is_string(); }

const JsonField& JsonField::need_object() const {
  if (!json_->is_object()) fail("is " + type() + ", not an object");
  return *this;
}
const JsonField& JsonField::need_array() const {
  if (!json_->is_array()) fail("is " + type() + ", not a list");
  return *this;
}

std::optional<JsonField> JsonField::find(const char* key) const {
  const auto found = need_object().json_->find(key);
  if (found == json_->end() || found->is_null()) return std::nullopt;
  return JsonField(*found, path_.empty() ? key : path_ + "." + key);
}
JsonField JsonField::need(const char* key) const {
  auto found = find(key);
  if (!found) fail(std::string("has no \"") + key + "\"");
  return *found;
}
void JsonField::only(const std::vector<std::string>& known) const {
  for (const auto& [key, value] : need_object().json_->items()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const std::string nearest = nearest_name(key.substr(0, 64), known);
    const JsonField unknown(value, path_.empty() ? key.substr(0, 64) : path_ + "." + key.substr(0, 64));
    unknown.fail("is not known here",
        nearest.empty() ? fmt::format("Known: {}.", fmt::join(known, ", ")) : "Did you mean \"" + nearest + "\"?");
  }
}

size_t JsonField::size() const { return json_->size(); }
JsonField JsonField::at(size_t i) const { return {json_->at(i), fmt::format("{}[{}]", path_, i)}; }

const std::string& JsonField::text_in_place() const {
  if (!json_->is_string()) fail("is " + type() + ", not a string");
  return json_->get_ref<const std::string&>();
}
std::string JsonField::text(size_t max_bytes) const {
  const std::string& value = text_in_place();
  if (value.size() > max_bytes) fail(fmt::format("has {} bytes; {} are read", value.size(), max_bytes));
  return value;
}
bool JsonField::truth() const {
  if (!json_->is_boolean()) fail("is " + type() + ", not true or false");
  return json_->get<bool>();
}
int64_t JsonField::whole(int64_t low, int64_t high) const {
  const auto out = [&] { fail(fmt::format("is not a whole number from {} to {}", low, high)); };
  double real = 0;
  if (json_->is_number_float()) {  // 3.0, as some clients write
    real = json_->get<double>();
    if (!(real >= -9007199254740992.0 && real <= 9007199254740992.0) ||
        real != static_cast<double>(static_cast<int64_t>(real)))
      out();
  } else if (!json_->is_number_integer()) {
    fail("is " + type() + ", not a whole number");
  } else if (json_->is_number_unsigned() && json_->get<uint64_t>() > static_cast<uint64_t>(INT64_MAX)) {
    out();
  }
  const int64_t value = json_->is_number_float() ? static_cast<int64_t>(real) : json_->get<int64_t>();
  if (value < low || value > high) out();
  return value;
}
double JsonField::number(double low, double high) const {
  if (!json_->is_number()) fail("is " + type() + ", not a number");
  const double value = json_->get<double>();
  if (!(value >= low && value <= high)) fail(fmt::format("is {}, not a number from {} to {}", value, low, high));
  return value;
}

}  // namespace hilum
