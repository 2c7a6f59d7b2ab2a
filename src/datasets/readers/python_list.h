// Lists as Python prints them, in CSV fields.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hilum {

// The strings of "['normal', 'cardiomegaly ']", trimmed, empty ones left out; \' \" \\ \n and \t are known. No value
// for anything else.
std::optional<std::vector<std::string>> parse_python_list(std::string_view text);

}  // namespace hilum
