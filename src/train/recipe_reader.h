// Values out of a recipe's TOML table by dotted key. What was never asked for is an unknown key. For .cpp files alone
// (toml++).
#pragma once

#include <algorithm>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include <fmt/core.h>

#include "base/error.h"
#include "base/nearest.h"
#include "base/toml.h"

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

// Takes values out of the table by dotted key and remembers which keys exist.
class RecipeReader {
 public:
  RecipeReader(std::string where, const toml::table& root) : where_(std::move(where)), root_(root) {}

  template <typename T>
  void number(const std::string& key, T& field, double low, double high = std::numeric_limits<double>::infinity()) {
    const toml::node& found = node(key);
    const auto value = std::is_integral_v<T> ? (found.is_integer() ? found.value<double>() : std::optional<double>())
                                             : found.value<double>();
    if (!value) throw Error(where_ + ": " + key, std::is_integral_v<T> ? "is no whole number" : "is no number", "");
    if (!(*value >= low && *value <= high))
      throw Error(where_ + ": " + key, fmt::format("is {}, outside {} .. {}", *value, low, high), "");
    field = static_cast<T>(*value);
  }
  void text(const std::string& key, std::string& field, const std::vector<std::string>& allowed = {}) {
    const auto value = node(key).value<std::string>();
    if (!value) throw Error(where_ + ": " + key, "is no text", "");
    if (!allowed.empty() && std::find(allowed.begin(), allowed.end(), *value) == allowed.end())
      throw Error(where_ + ": " + key, "\"" + *value + "\" is not known", did_you_mean(*value, allowed));
    field = *value;
  }
  void texts(const std::string& key, std::vector<std::string>& field) {
    const toml::array* values = node(key).as_array();
    if (!values) throw Error(where_ + ": " + key, "is no list", "");
    for (const toml::node& value : *values) {
      if (!value.is_string()) throw Error(where_ + ": " + key, "holds something that is no text", "");
      field.push_back(**value.as_string());
    }
  }
  void numbers(const std::string& key, std::vector<int>& field, int low, int high) {
    const toml::array* values = node(key).as_array();
    if (!values || values->empty()) throw Error(where_ + ": " + key, "is no list of numbers", "");
    for (const toml::node& value : *values) {
      const auto number = value.value<int64_t>();
      if (!number || *number < low || *number > high)
        throw Error(
            where_ + ": " + key, fmt::format("holds something that is no whole number of {} .. {}", low, high), "");
      field.push_back(static_cast<int>(*number));
    }
  }
  // Every leaf of the table must have been read.
  void refuse_unknown() const { refuse_unknown(root_, ""); }
  const std::vector<std::string>& known() const { return known_; }

 private:
  const toml::node& node(const std::string& key) {
    known_.push_back(key);
    const toml::node* found = root_.at_path(key).node();
    if (!found) throw Error(where_, "\"" + key + "\" is missing", "A recipe writes out every value.");
    return *found;
  }
  void refuse_unknown(const toml::table& table, const std::string& prefix) const {
    for (const auto& [name, value] : table) {
      const std::string key = prefix + std::string(name.str());
      if (const toml::table* inner = value.as_table()) {
        refuse_unknown(*inner, key + ".");
      } else if (std::find(known_.begin(), known_.end(), key) == known_.end()) {
        throw Error(where_, "\"" + key + "\" is not known", did_you_mean(key, known_));
      }
    }
  }

  std::string where_;
  const toml::table& root_;
  std::vector<std::string> known_;
};

}  // namespace hilum
