#include "eval/text_table.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace hilum {
namespace {

size_t width(const std::string& text) {  // characters, not bytes
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

}  // namespace

void TextTable::heading(std::string text) { lines_.push_back({{std::move(text)}, true}); }
void TextTable::row(std::vector<std::string> cells) { lines_.push_back({std::move(cells), false}); }

std::string TextTable::text() const {
  std::vector<size_t> widths;
  for (const Line& line : lines_)
    for (size_t c = 0; c < line.cells.size() && !line.is_heading; ++c) {
      widths.resize(std::max(widths.size(), c + 1));
      widths[c] = std::max(widths[c], width(line.cells[c]));
    }
  std::string out;
  for (const Line& line : lines_) {
    std::string text;
    for (size_t c = 0; c < line.cells.size(); ++c) {
      text += line.cells[c];
      if (c + 1 < line.cells.size()) text.append(widths[c] - width(line.cells[c]) + 2, ' ');
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + '\n';
  }
  return out;
}

std::string number_text(double value, bool sign) {
  return std::isnan(value) ? "-" : sign ? fmt::format("{:+.3f}", value) : fmt::format("{:.3f}", value);
}

std::string interval_text(const Interval& interval, bool sign) {
  if (std::isnan(interval.value) || interval.rounds == 0) return number_text(interval.value, sign);
  return fmt::format("{} [{}, {}]", number_text(interval.value, sign), number_text(interval.low, sign),
      number_text(interval.high, sign));
}

Json json_number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }
Json json_number(std::optional<double> value) { return value ? json_number(*value) : Json(nullptr); }

Json interval_json(const Interval& interval) {
  return {{"value", json_number(interval.value)}, {"low", json_number(interval.low)},
      {"high", json_number(interval.high)}, {"rounds", interval.rounds}};
}

}  // namespace hilum
