#include "plot/bar_plot.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <cairo.h>
#include <fmt/core.h>

#include "base/error.h"
#include "plot/canvas.h"
#include "plot/line_plot.h"

namespace hilum {
namespace {

constexpr double kBar = 13, kGap = 9, kHeading = 28, kTop = 44, kBottom = 34, kNumbers = 56;  // px
constexpr double kMaxName = 560;

double row_height(const BarRow& row) {
  return row.bars.empty() ? kHeading : kBar * static_cast<double>(row.bars.size()) + kGap;
}

struct Scale {
  double low, high, left, right;
  double px(double value) const { return left + (std::clamp(value, low, high) - low) / (high - low) * (right - left); }
};

void draw_bar(cairo_t* cr, const Bar& bar, size_t series, const Scale& scale, double top) {
  if (std::isnan(bar.value)) return;
  const auto& [r, g, b] = plot_colour(series);
  const double from = scale.px(std::max(0.0, scale.low)), to = scale.px(bar.value), middle = top + kBar / 2;
  cairo_set_source_rgb(cr, r, g, b);
  cairo_rectangle(cr, std::min(from, to), top + 1, std::abs(to - from), kBar - 2);
  cairo_fill(cr);
  double end = std::max(from, to);
  if (!std::isnan(bar.low) && !std::isnan(bar.high)) {
    const double low = scale.px(bar.low), high = scale.px(bar.high);
    cairo_set_source_rgb(cr, 0, 0, 0);
    cairo_set_line_width(cr, 1.2);
    for (const auto& [x0, y0, x1, y1] : {std::array{low, middle, high, middle},
             std::array{low, middle - 3, low, middle + 3}, std::array{high, middle - 3, high, middle + 3}}) {
      cairo_move_to(cr, x0, y0);
      cairo_line_to(cr, x1, y1);
    }
    cairo_stroke(cr);
    end = std::max(end, high);
  }
  cairo_set_source_rgb(cr, 0.25, 0.25, 0.25);
  cairo_set_font_size(cr, 10);
  text_at(cr, end + 5, middle, fmt::format("{:.3f}", bar.value), 0, 0.5);
}

void draw_axis(cairo_t* cr, const Scale& scale, double top, double bottom) {
  cairo_set_font_size(cr, 12);
  cairo_set_line_width(cr, 1);
  for (const double tick : nice_ticks(scale.low, scale.high, 6)) {
    cairo_set_source_rgb(cr, 0.88, 0.88, 0.88);
    cairo_move_to(cr, scale.px(tick), top);
    cairo_line_to(cr, scale.px(tick), bottom);
    cairo_stroke(cr);
    cairo_set_source_rgb(cr, 0.2, 0.2, 0.2);
    text_at(cr, scale.px(tick), bottom + 8, fmt::format("{:.6g}", tick == 0 ? 0.0 : tick), 0.5, 0);
  }
}

void draw_series_names(cairo_t* cr, const BarPlot& plot, double top) {
  cairo_set_font_size(cr, 13);
  double x = 16;
  for (size_t i = 0; i < plot.series.size(); ++i) {
    const auto& [r, g, b] = plot_colour(i);
    cairo_set_source_rgb(cr, r, g, b);
    cairo_rectangle(cr, x, top - 6, 22, 12);
    cairo_fill(cr);
    cairo_set_source_rgb(cr, 0.2, 0.2, 0.2);
    text_at(cr, x + 28, top, plot.series[i], 0, 0.5);
    x += 28 + text_width(cr, plot.series[i]) + 26;
  }
}

}  // namespace

void write_bar_plot(const BarPlot& plot, const std::filesystem::path& path) {
  check(std::any_of(plot.rows.begin(), plot.rows.end(), [](const BarRow& row) { return !row.bars.empty(); }),
      path.c_str(), "there is nothing to plot");
  invariant(plot.high > plot.low, "an axis has a length");
  double height = kTop + 26 + kBottom;
  for (const BarRow& row : plot.rows) height += row_height(row);
  write_picture(plot.width_px, static_cast<int>(height), path, [&](cairo_t* cr) {
    cairo_set_font_size(cr, 13);
    double names = 0;
    for (const BarRow& row : plot.rows)
      if (!row.bars.empty()) names = std::max(names, text_width(cr, row.name));
    const Scale scale{plot.low, plot.high, std::min(names, kMaxName) + 36, plot.width_px - kNumbers};
    draw_series_names(cr, plot, kTop);
    const double top = kTop + 22;
    draw_axis(cr, scale, top, height - kBottom);
    double y = top + 4;
    for (const BarRow& row : plot.rows) {
      cairo_set_source_rgb(cr, 0.1, 0.1, 0.1);
      if (row.bars.empty()) {
        cairo_set_font_size(cr, 12);
        cairo_save(cr);
        cairo_set_source_rgb(cr, 1, 1, 1);  // the grid does not run through the words
        cairo_rectangle(cr, 14, y + 5, text_width(cr, row.name) + 6, kHeading - 8);
        cairo_fill(cr);
        cairo_restore(cr);
        cairo_set_source_rgb(cr, 0.35, 0.35, 0.35);
        text_at(cr, 16, y + kHeading / 2 + 2, row.name, 0, 0.5);
      } else {
        cairo_set_font_size(cr, 13);
        text_at(cr, scale.left - 10, y + kBar * static_cast<double>(row.bars.size()) / 2, row.name, 1, 0.5);
        for (size_t i = 0; i < row.bars.size(); ++i)
          draw_bar(cr, row.bars[i], i, scale, y + kBar * static_cast<double>(i));
      }
      y += row_height(row);
    }
    cairo_set_source_rgb(cr, 0.1, 0.1, 0.1);
    cairo_set_font_size(cr, 16);
    text_at(cr, plot.width_px / 2.0, 20, plot.title, 0.5, 0.5);
  });
}

}  // namespace hilum
