// Values out of a recipe's TOML table by dotted key. What was never asked for is an unknown key. For .cpp files alone
// (toml++).
#pragma once

#include <algorithm>
#include <filesystem>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include <fmt/core.h>

#include "base/error.h"
#include "base/nearest.h"
#include "base/toml_fields.h"

namespace hilum {

// The recipe's table with `overrides` ("key=value") applied. Throws Error naming the path.
toml::table read_recipe_table(const std::filesystem::path& path, const std::vector<std::string>& overrides);
// The effective recipe as TOML.
std::string recipe_text(const toml::table& root);

// "Did you mean ...?", or nothing where no name is near.
inline std::string did_you_mean(const std::string& wanted, const std::vector<std::string>& known) {
  const std::string near = nearest_name(wanted, known);
  return near.empty() ? "" : "Did you mean \"" + near + "\"?";
}

// Takes values out of the table by dotted key ("stage.whole.steps"). A key must be there unless allow_absent() named
// it; then its field keeps what it holds.
class RecipeReader : private TomlFields {
 public:
  RecipeReader(std::string where, const toml::table& root) : TomlFields(root, std::move(where)) {}

  using TomlFields::has;
  using TomlFields::where;
  // The keys prefix + name may be absent.
  void allow_absent(const std::string& prefix, std::initializer_list<const char*> names) {
    for (const char* name : names) optional_.insert(prefix + name);
  }

  template <typename T>
  void number(const std::string& key, T& field, double low, double high = std::numeric_limits<double>::infinity()) {
    const toml::node* found = node(key);
    if (!found) return;
    const auto value = std::is_integral_v<T> ? (found->is_integer() ? found->value<double>() : std::optional<double>())
                                             : found->value<double>();
    if (!value) wrong(key, std::is_integral_v<T> ? "is no whole number" : "is no number");
    if (!(*value >= low && *value <= high)) wrong(key, fmt::format("is {}, outside {} .. {}", *value, low, high));
    field = static_cast<T>(*value);
  }
  void text(const std::string& key, std::string& field, const std::vector<std::string>& allowed = {}) {
    const toml::node* found = node(key);
    if (!found) return;
    const auto value = found->value<std::string>();
    if (!value) wrong(key, "is no text");
    if (!allowed.empty() && std::find(allowed.begin(), allowed.end(), *value) == allowed.end())
      wrong(key, fmt::format("\"{}\" is not known", *value), did_you_mean(*value, allowed));
    field = *value;
  }
  void flag(const std::string& key, bool& field) {
    const toml::node* found = node(key);
    if (!found) return;
    if (!found->is_boolean()) wrong(key, "is not true or false");
    field = *found->value<bool>();
  }
  void texts(const std::string& key, std::vector<std::string>& field) {
    const toml::node* found = node(key);
    if (!found) return;
    const toml::array* values = found->as_array();
    if (!values) wrong(key, "is no list");
    for (const toml::node& value : *values) {
      if (!value.is_string()) wrong(key, "holds something that is no text");
      field.push_back(**value.as_string());
    }
  }
  void numbers(const std::string& key, std::vector<int>& field, int low, int high) {
    const toml::node* found = node(key);
    if (!found) return;
    const toml::array* values = found->as_array();
    if (!values || values->empty()) wrong(key, "is no list of numbers");
    for (const toml::node& value : *values) {
      const auto number = value.value<int64_t>();
      if (!number || *number < low || *number > high)
        wrong(key, fmt::format("holds something that is no whole number of {} .. {}", low, high));
      field.push_back(static_cast<int>(*number));
    }
  }
  // The tables of a list, [[key]], each with a reader of its own; none where the key may be absent and is.
  std::vector<RecipeReader> tables(const std::string& key) {
    std::vector<RecipeReader> all;
    const toml::node* found = node(key);
    if (!found) return all;
    const toml::array* list = found->as_array();
    if (!list) wrong(key, "is no list of tables");
    for (const toml::node& one : *list) {
      const toml::table* table = one.as_table();
      if (!table) wrong(key, "holds something that is no table");
      all.emplace_back(fmt::format("{}: {}[{}]", where(), key, all.size()), *table);
    }
    return all;
  }
  // Every leaf of the table must have been read.
  void refuse_unknown() const { refuse_unknown(all(), ""); }

 private:
  [[noreturn]] void wrong(const std::string& key, const std::string& what, const std::string& mend = "") const {
    throw Error(where() + ": " + key, what, mend);
  }
  const toml::node* node(const std::string& key) {
    const toml::node* found = find(key);
    if (!found && !optional_.count(key))
      throw Error(where(), fmt::format("\"{}\" is missing", key), "A recipe writes out every value.");
    return found;
  }
  void refuse_unknown(const toml::table& table, const std::string& prefix) const {
    for (const auto& [name, value] : table) {
      const std::string key = prefix + std::string(name.str());
      if (const toml::table* inner = value.as_table()) refuse_unknown(*inner, key + ".");
      else if (!was_asked(key))
        throw Error(where(), fmt::format("\"{}\" is not known", key), did_you_mean(key, asked()));
    }
  }

  std::set<std::string> optional_;
};

}  // namespace hilum
