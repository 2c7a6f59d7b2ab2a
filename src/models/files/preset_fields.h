// Reading a preset's tables: typed look-ups that name file, table and key when something is wrong. For preset*.cpp and
// shape.cpp.
#pragma once

#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/toml.h"

namespace hilum {

// A table whose every key must be asked for: done() names those that were not.
class PresetFields {
 public:
  PresetFields(const toml::table& table, std::string where) : table_(table), where_(std::move(where)) {}

  std::string text(const char* key, bool required = false) {
    const auto* node = find(key, required);
    if (!node) return "";
    const auto value = node->value<std::string>();
    check(node->is_string() && value, where_.c_str(), std::string("\"") + key + "\" is not a text");
    return *value;
  }
  bool has(const char* key) { return find(key, false) != nullptr; }
  bool flag(const char* key) {
    const auto* node = find(key, false);
    check(!node || node->is_boolean(), where_.c_str(), std::string("\"") + key + "\" is not true or false");
    return node && *node->value<bool>();
  }
  int64_t integer(const char* key) {
    const auto* node = find(key, false);
    check(!node || node->is_integer(), where_.c_str(), std::string("\"") + key + "\" is not a whole number");
    const int64_t value = node ? *node->value<int64_t>() : 0;
    check(value >= 0 && value <= 1'000'000'000, where_.c_str(),
        std::string("\"") + key + "\" is " + std::to_string(value));
    return value;
  }
  double real(const char* key, double absent) {
    const auto* node = find(key, false);
    check(!node || node->is_number(), where_.c_str(), std::string("\"") + key + "\" is not a number");
    const double value = node ? *node->value<double>() : absent;
    check(std::isfinite(value), where_.c_str(), std::string("\"") + key + "\" is not finite");
    return value;
  }
  std::vector<double> reals(const char* key) {
    std::vector<double> all;
    if (const toml::array* list = array(key))
      for (const auto& item : *list) {
        check(item.is_number() && std::isfinite(*item.value<double>()), where_.c_str(),
            std::string("\"") + key + "\" is not a list of numbers");
        all.push_back(*item.value<double>());
      }
    return all;
  }
  // One of `known`, or "" where it is missing and not required.
  std::string one_of(const char* key, std::initializer_list<const char*> known, bool required = false) {
    const std::string value = text(key, required);
    std::string all;
    for (const char* one : known) {
      if (value == one) return value;
      all += (all.empty() ? "" : ", ") + std::string(one);
    }
    check(value.empty() && !required, where_.c_str(), std::string("\"") + key + "\" is \"" + value + "\"",
        "Known are " + all + ".");
    return value;
  }
  std::vector<std::string> texts(const char* key) {
    std::vector<std::string> all;
    const auto* node = find(key, false);
    if (!node) return all;
    check(node->is_array(), where_.c_str(), std::string("\"") + key + "\" is not a list");
    for (const auto& item : *node->as_array()) {
      check(item.is_string(), where_.c_str(), std::string("\"") + key + "\" is not a list of texts");
      all.push_back(*item.value<std::string>());
    }
    return all;
  }
  std::map<std::string, std::string> text_table(const char* key) {
    std::map<std::string, std::string> all;
    const toml::table* found = table(key);
    if (!found) return all;
    for (const auto& [name, value] : *found) {
      check(value.is_string(), where_.c_str(), std::string(key) + "." + std::string(name.str()) + " is not a text");
      all[std::string(name.str())] = *value.value<std::string>();
    }
    return all;
  }
  const toml::table* table(const char* key) {
    const auto* node = find(key, false);
    check(!node || node->is_table(), where_.c_str(), std::string("\"") + key + "\" is not a table");
    return node ? node->as_table() : nullptr;
  }
  const toml::array* array(const char* key) {
    const auto* node = find(key, false);
    check(!node || node->is_array(), where_.c_str(), std::string("\"") + key + "\" is not a list");
    return node ? node->as_array() : nullptr;
  }
  // The tables of a list, [[key]].
  std::vector<PresetFields> tables(const char* key) {
    std::vector<PresetFields> all;
    const std::string at = where_ + ": [[" + key + "]]";
    if (const toml::array* list = array(key))
      for (const auto& item : *list) {
        check(item.is_table(), at.c_str(), "is not a list of tables");
        all.emplace_back(*item.as_table(), at);
      }
    return all;
  }
  PresetFields part(const char* key) {
    static const toml::table empty;
    const toml::table* found = table(key);
    return {found ? *found : empty, where_ + ": [" + key + "]"};
  }
  void done() const {
    for (const auto& [key, value] : table_)
      if (!asked_.contains(std::string(key.str())))
        throw Error(where_, "key \"" + std::string(key.str()) + "\" is not known");
  }
  const toml::table& all() const { return table_; }
  const std::string& where() const { return where_; }

 private:
  const toml::node* find(const char* key, bool required) {
    asked_.insert(key);
    const toml::node* node = table_.get(key);
    check(node || !required, where_.c_str(), std::string("\"") + key + "\" is missing");
    return node;
  }
  const toml::table& table_;
  std::string where_;
  std::set<std::string> asked_;
};

}  // namespace hilum
