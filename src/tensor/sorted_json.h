// JSON with very many keys, from outside: keys are looked up by tree, not by list as base/json.h does to keep their
// order, so a file cannot make reading slow. For .cpp files only (full nlohmann header).
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace hilum {

using SortedJson = nlohmann::json;

// As parse_json: at most `max_depth` levels, no key twice, UTF-8; and at most `max_keys` keys in any one object. Throws
// Error(where, ...).
SortedJson parse_sorted_json(std::string_view text, const std::string& where, int max_depth, size_t max_keys);

}  // namespace hilum
