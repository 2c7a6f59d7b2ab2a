#include "plot/bar_plot.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/core.h>

#include "base/error.h"
#include "base/file.h"
#include "plot/line_plot.h"
#include "plot/plot_colours.h"

namespace hilum {
namespace {

constexpr double kBar = 13, kGap = 9, kHeading = 28, kTop = 44, kBottom = 34, kNumbers = 56;  // px
constexpr double kMaxName = 560;
constexpr double kNumberSize = 10, kTickSize = 12, kHeadingSize = 12, kNameSize = 13, kTitleSize = 16;

double row_height(const BarRow& row) {
  return row.bars.empty() ? kHeading : kBar * static_cast<double>(row.bars.size()) + kGap;
}

struct Scale {
  double low, high, left, right;
  double px(double value) const { return left + (std::clamp(value, low, high) - low) / (high - low) * (right - left); }
};

void draw_bar(Canvas& canvas, const Bar& bar, size_t series, const Scale& scale, double top) {
  if (std::isnan(bar.value)) return;
  const double from = scale.px(std::max(0.0, scale.low)), to = scale.px(bar.value), middle = top + kBar / 2;
  canvas.fill({std::min(from, to), top + 1, std::abs(to - from), kBar - 2}, plot_colour(series));
  double end = std::max(from, to);
  if (!std::isnan(bar.low) && !std::isnan(bar.high)) {
    const double low = scale.px(bar.low), high = scale.px(bar.high);
    const Point whisker[] = {
        {low, middle}, {high, middle}, {low, middle - 3}, {low, middle + 3}, {high, middle - 3}, {high, middle + 3}};
    canvas.lines(whisker, grey(0), 1.2);
    end = std::max(end, high);
  }
  canvas.label(
      fmt::format("{:.3f}", bar.value), {end + 5, middle}, {.size = kNumberSize, .colour = grey(0.25), .align_y = 0.5});
}

void draw_axis(Canvas& canvas, const Scale& scale, double top, double bottom) {
  for (const double tick : nice_ticks(scale.low, scale.high, 6)) {
    const double x = scale.px(tick);
    canvas.line({x, top}, {x, bottom}, grey(0.88), 1);
    canvas.label(fmt::format("{:.6g}", tick == 0 ? 0.0 : tick), {x, bottom + 8},
        {.size = kTickSize, .colour = grey(0.2), .align_x = 0.5});
  }
}

void draw_series_names(Canvas& canvas, const BarPlot& plot, double top) {
  double x = 16;
  for (size_t i = 0; i < plot.series.size(); ++i) {
    canvas.fill({x, top - 6, 22, 12}, plot_colour(i));
    canvas.label(plot.series[i], {x + 28, top}, {.size = kNameSize, .colour = grey(0.2), .align_y = 0.5});
    x += 28 + canvas.label_width(plot.series[i], kNameSize) + 26;
  }
}

}  // namespace

void write_bar_plot(const BarPlot& plot, const std::filesystem::path& path) {
  check(std::any_of(plot.rows.begin(), plot.rows.end(), [](const BarRow& row) { return !row.bars.empty(); }),
      path.c_str(), "there is nothing to plot");
  invariant(plot.high > plot.low, "an axis has a length");
  double height = kTop + 26 + kBottom;
  for (const BarRow& row : plot.rows) height += row_height(row);
  Canvas canvas(plot.width_px, static_cast<int>(height), grey(1), path.string());
  double names = 0;
  for (const BarRow& row : plot.rows)
    if (!row.bars.empty()) names = std::max(names, canvas.label_width(row.name, kNameSize));
  const Scale scale{plot.low, plot.high, std::min(names, kMaxName) + 36, plot.width_px - kNumbers};
  draw_series_names(canvas, plot, kTop);
  const double top = kTop + 22;
  draw_axis(canvas, scale, top, height - kBottom);
  double y = top + 4;
  for (const BarRow& row : plot.rows) {
    if (row.bars.empty()) {
      const double width = canvas.label_width(row.name, kHeadingSize);
      canvas.fill({14, y + 5, width + 6, kHeading - 8}, grey(1));  // the grid does not run through the words
      canvas.label(row.name, {16, y + kHeading / 2 + 2}, {.size = kHeadingSize, .colour = grey(0.35), .align_y = 0.5});
    } else {
      canvas.label(row.name, {scale.left - 10, y + kBar * static_cast<double>(row.bars.size()) / 2},
          {.size = kNameSize, .colour = grey(0.1), .align_x = 1, .align_y = 0.5});
      for (size_t i = 0; i < row.bars.size(); ++i)
        draw_bar(canvas, row.bars[i], i, scale, y + kBar * static_cast<double>(i));
    }
    y += row_height(row);
  }
  canvas.label(
      plot.title, {plot.width_px / 2.0, 20}, {.size = kTitleSize, .colour = grey(0.1), .align_x = 0.5, .align_y = 0.5});
  write_file(path, canvas.png());
}

}  // namespace hilum
