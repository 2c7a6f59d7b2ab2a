// Trimming as Python's str.strip() does it: every Unicode white space, and the four separators U+001C..U+001F.
#pragma once

#include <string_view>

namespace hilum {

std::string_view trim_left(std::string_view text);
std::string_view trim(std::string_view text);

}  // namespace hilum
