// Line charts as PNG: a loss curve beside the numbers. Drawn with cairo, DejaVu Sans.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hilum {

struct PlotLine {
  std::string name;          // in the legend
  std::vector<double> x, y;  // equal lengths; points that are not finite break the line
  bool dots = false;         // discs at the points instead of a line
};

struct LinePlot {
  std::string title, x_label, y_label;
  std::vector<PlotLine> lines;
  bool log_y = false;  // only when every finite y is above 0, else linear
  int width_px = 960, height_px = 540;
  std::optional<std::pair<double, double>> y_range = {};  // else from the values
  bool legend_low = false;                                // in the lower right corner instead of the upper
};

// Round numbers that cover low..high: about `count` of them, steps of 1, 2 or 5 times a power of ten. Used for the
// axes.
std::vector<double> nice_ticks(double low, double high, int count);

// Running mean over a window of `count` points, so that a noisy curve can be read.
std::vector<double> smoothed(const std::vector<double>& y, size_t count);

// Draws and writes the picture (beside, then renamed). Throws Error naming the path.
void write_line_plot(const LinePlot& plot, const std::filesystem::path& path);
// Several plots of one size as panels of one picture, `columns` a row. The legend stands in the first alone. Throws
// Error for no plots.
void write_line_plots(const std::vector<LinePlot>& plots, int columns, const std::filesystem::path& path);

}  // namespace hilum
