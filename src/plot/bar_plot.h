// Bars with intervals as PNG: numbers of several systems or groups beside each other. Drawn with cairo, DejaVu Sans.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace hilum {

struct Bar {
  double value = 0, low = 0, high = 0;  // NaN value: no bar; NaN low or high: no interval
};

struct BarRow {
  std::string name;
  std::vector<Bar> bars;  // one a series; empty: the row is a heading
};

struct BarPlot {
  std::string title;
  std::vector<std::string> series;  // in the legend
  std::vector<BarRow> rows;         // top to bottom
  double low = 0, high = 1;         // of the axis; what lies outside is cut at its end
  int width_px = 1100;              // the height follows from the rows
};

// Lying bars, each with its interval and its number. Throws Error naming the path; for no rows with bars.
void write_bar_plot(const BarPlot& plot, const std::filesystem::path& path);

}  // namespace hilum
