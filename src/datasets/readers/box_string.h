// Boxes written as one line, as challenges have them: "opacity 1 789.2 582.4 1815.9 2499.7 opacity 1 ...".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hilum {

struct BoxInText {
  std::string name;
  double x_min = 0, y_min = 0, x_max = 0, y_max = 0;  // as written
};

// Groups of six words: name, confidence, x_min, y_min, x_max, y_max. "none 1 0 0 1 1" stands for no box and is left
// out. No value where the words are no such groups.
std::optional<std::vector<BoxInText>> parse_box_string(std::string_view text);

}  // namespace hilum
