// Results for the terminal: left-aligned columns two blanks apart, and numbers with their intervals.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "eval/stats/bootstrap.h"

namespace hilum {

class TextTable {
 public:
  void heading(std::string text);  // a line of its own, which sets no column's width
  void row(std::vector<std::string> cells);
  std::string text() const;  // UTF-8; widths count characters, not bytes

 private:
  struct Line {
    std::vector<std::string> cells;
    bool is_heading;
  };
  std::vector<Line> lines_;
};

// Three digits; "-" where the number is not defined. `sign`: a difference, "+0.012".
std::string number_text(double value, bool sign = false);
std::string interval_text(const Interval& interval, bool sign = false);  // "0.812 [0.790, 0.833]"

// Undefined numbers are null.
Json json_number(double value);
Json json_number(std::optional<double> value);
Json interval_json(const Interval& interval);  // {"value","low","high","rounds"}

}  // namespace hilum
