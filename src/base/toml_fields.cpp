#include "base/toml_fields.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/error.h"

namespace hilum {

void TomlFields::wrong(const std::string& key, const std::string& what, const std::string& mend) const {
  throw Error(where_, fmt::format("\"{}\" {}", key, what), mend);
}

const toml::node* TomlFields::find(const std::string& key) {
  asked_.push_back(key);
  const toml::node* node = table_->get(key);
  return node ? node : table_->at_path(key).node();
}

bool TomlFields::was_asked(const std::string& key) const {
  return std::find(asked_.begin(), asked_.end(), key) != asked_.end();
}

std::string TomlFields::text(const std::string& key, bool required) {
  const toml::node* node = find(key);
  if (!node && required) wrong(key, "is missing");
  if (!node) return "";
  if (!node->is_string()) wrong(key, "is not a text");
  return *node->value<std::string>();
}

bool TomlFields::flag(const std::string& key) {
  const toml::node* node = find(key);
  if (node && !node->is_boolean()) wrong(key, "is not true or false");
  return node && *node->value<bool>();
}

int64_t TomlFields::integer(const std::string& key) {
  const toml::node* node = find(key);
  if (node && !node->is_integer()) wrong(key, "is not a whole number");
  const int64_t value = node ? *node->value<int64_t>() : 0;
  if (value < 0 || value > 1'000'000'000) wrong(key, fmt::format("is {}", value));
  return value;
}

double TomlFields::real(const std::string& key, double absent) {
  const toml::node* node = find(key);
  if (node && !node->is_number()) wrong(key, "is not a number");
  const double value = node ? *node->value<double>() : absent;
  if (!std::isfinite(value)) wrong(key, "is not finite");
  return value;
}

std::vector<double> TomlFields::reals(const std::string& key) {
  std::vector<double> all;
  if (const toml::array* list = array(key))
    for (const toml::node& item : *list) {
      if (!item.is_number() || !std::isfinite(*item.value<double>())) wrong(key, "is not a list of numbers");
      all.push_back(*item.value<double>());
    }
  return all;
}

std::string TomlFields::one_of(const std::string& key, std::initializer_list<const char*> known, bool required) {
  std::string value = text(key, required);
  for (const char* one : known)
    if (value == one) return value;
  if (required || !value.empty())
    wrong(key, fmt::format("is \"{}\"", value), fmt::format("Known are {}.", fmt::join(known, ", ")));
  return value;
}

std::vector<std::string> TomlFields::texts(const std::string& key) {
  std::vector<std::string> all;
  if (const toml::array* list = array(key))
    for (const toml::node& item : *list) {
      if (!item.is_string()) wrong(key, "is not a list of texts");
      all.push_back(*item.value<std::string>());
    }
  return all;
}

std::map<std::string, std::string> TomlFields::text_table(const std::string& key) {
  std::map<std::string, std::string> all;
  if (const toml::table* found = table(key))
    for (const auto& [name, value] : *found) {
      if (!value.is_string()) throw Error(where_, fmt::format("{}.{} is not a text", key, name.str()));
      all[std::string(name.str())] = *value.value<std::string>();
    }
  return all;
}

const toml::table* TomlFields::table(const std::string& key) {
  const toml::node* node = find(key);
  if (node && !node->is_table()) wrong(key, "is not a table");
  return node ? node->as_table() : nullptr;
}

const toml::array* TomlFields::array(const std::string& key) {
  const toml::node* node = find(key);
  if (node && !node->is_array()) wrong(key, "is not a list");
  return node ? node->as_array() : nullptr;
}

std::vector<TomlFields> TomlFields::tables(const std::string& key) {
  std::vector<TomlFields> all;
  const std::string at = fmt::format("{}: [[{}]]", where_, key);
  if (const toml::array* list = array(key))
    for (const toml::node& item : *list) {
      check(item.is_table(), at.c_str(), "is not a list of tables");
      all.emplace_back(*item.as_table(), at);
    }
  return all;
}

TomlFields TomlFields::part(const std::string& key) {
  static const toml::table empty;
  const toml::table* found = table(key);
  return {found ? *found : empty, fmt::format("{}: [{}]", where_, key)};
}

void TomlFields::done() const {
  for (const auto& [key, value] : *table_)
    if (!was_asked(std::string(key.str()))) throw Error(where_, fmt::format("key \"{}\" is not known", key.str()));
}

}  // namespace hilum
