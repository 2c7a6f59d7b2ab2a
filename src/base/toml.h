// TOML, for .cpp files only: toml++ behind a parse that bad input cannot end. Everything that reads TOML includes this, not toml++ itself.
//
// toml++ 3.3 checks its own reasoning with assert() and __builtin_unreachable(), and some bad input gets there ("[%x]"; a non-ASCII
// character in a bare key). The asserts throw here, in every build; the other is refused before parsing.
#pragma once

#include <string>
#include <string_view>

namespace hilum {
[[noreturn]] void toml_check_failed();
constexpr void toml_check(bool holds) {  // toml++ asserts in constexpr functions too
  if (!holds) [[unlikely]] toml_check_failed();
}
}  // namespace hilum

#pragma push_macro("NDEBUG")
#undef NDEBUG  // with it toml++ takes the checks for granted
#define TOML_ASSERT(expr) ::hilum::toml_check(static_cast<bool>(expr))
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")

namespace hilum {

// Throws Error(where, ...) naming the line.
toml::table parse_toml(std::string_view text, const std::string& where);

}  // namespace hilum
