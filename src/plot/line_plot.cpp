#include "plot/line_plot.h"

#include <algorithm>
#include <cmath>

#include <cairo.h>
#include <fmt/core.h>

#include "base/error.h"
#include "plot/canvas.h"

namespace hilum {
namespace {

struct Range {
  double low = 0, high = 1;
  double part(double value) const { return (value - low) / (high - low); }
};

struct Frame {  // the plotting area, px
  double left, top, right, bottom;
};

Range range_of(const std::vector<PlotLine>& lines, std::vector<double> PlotLine::* values) {
  double low = INFINITY, high = -INFINITY;
  for (const PlotLine& line : lines)
    for (const double value : line.*values)
      if (std::isfinite(value)) low = std::min(low, value), high = std::max(high, value);
  if (low > high) return {0, 1};
  if (low == high) return {low - 0.5, high + 0.5};
  return {low, high};
}

void line_between(cairo_t* cr, double x0, double y0, double x1, double y1) {
  cairo_move_to(cr, x0, y0);
  cairo_line_to(cr, x1, y1);
  cairo_stroke(cr);
}

std::string tick_text(double value) { return fmt::format("{:.6g}", value == 0 ? 0.0 : value); }

struct Axes {
  Range x, y;
  bool log_y;
  Frame frame;
  double px(double value) const { return frame.left + x.part(value) * (frame.right - frame.left); }
  double py(double value) const {
    return frame.bottom - y.part(log_y ? std::log10(value) : value) * (frame.bottom - frame.top);
  }
};

std::vector<double> y_ticks(const Axes& axes) {
  if (!axes.log_y) return nice_ticks(axes.y.low, axes.y.high, 6);
  std::vector<double> ticks;
  for (int power = static_cast<int>(std::floor(axes.y.low)); power <= axes.y.high; ++power)
    for (const double factor : {1.0, 2.0, 5.0})
      if (const double value = factor * std::pow(10, power);
          std::log10(value) >= axes.y.low && std::log10(value) <= axes.y.high)
        ticks.push_back(value);
  return ticks;
}

void draw_axes(cairo_t* cr, const LinePlot& plot, const Axes& axes) {
  const Frame& f = axes.frame;
  cairo_set_font_size(cr, 13);
  for (const double tick : nice_ticks(axes.x.low, axes.x.high, 8)) {
    cairo_set_source_rgb(cr, 0.9, 0.9, 0.9);
    line_between(cr, axes.px(tick), f.top, axes.px(tick), f.bottom);
    cairo_set_source_rgb(cr, 0.2, 0.2, 0.2);
    text_at(cr, axes.px(tick), f.bottom + 8, tick_text(tick), 0.5, 0);
  }
  for (const double tick : y_ticks(axes)) {
    cairo_set_source_rgb(cr, 0.9, 0.9, 0.9);
    line_between(cr, f.left, axes.py(tick), f.right, axes.py(tick));
    cairo_set_source_rgb(cr, 0.2, 0.2, 0.2);
    text_at(cr, f.left - 8, axes.py(tick), tick_text(tick), 1, 0.5);
  }
  cairo_rectangle(cr, f.left, f.top, f.right - f.left, f.bottom - f.top);
  cairo_stroke(cr);
  text_at(cr, (f.left + f.right) / 2, f.bottom + 36, plot.x_label, 0.5, 0);
  cairo_save(cr);
  cairo_translate(cr, 18, (f.top + f.bottom) / 2);
  cairo_rotate(cr, -M_PI / 2);
  text_at(cr, 0, 0, plot.y_label, 0.5, 0.5);
  cairo_restore(cr);
  cairo_set_font_size(cr, 16);
  text_at(cr, (f.left + f.right) / 2, 22, plot.title, 0.5, 0.5);
}

void draw_lines(cairo_t* cr, const LinePlot& plot, const Axes& axes) {
  cairo_rectangle(
      cr, axes.frame.left, axes.frame.top, axes.frame.right - axes.frame.left, axes.frame.bottom - axes.frame.top);
  cairo_clip(cr);
  cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
  for (size_t i = 0; i < plot.lines.size(); ++i) {
    const auto& [r, g, b] = plot_colour(i);
    cairo_set_source_rgb(cr, r, g, b);
    cairo_set_line_width(cr, 1.8);
    const PlotLine& line = plot.lines[i];
    for (size_t j = 0; line.dots && j < line.x.size(); ++j) {
      cairo_arc(cr, axes.px(line.x[j]), axes.py(line.y[j]), 4.5, 0, 2 * M_PI);
      cairo_fill(cr);
    }
    if (line.dots) continue;
    bool drawing = false;
    for (size_t j = 0; j < line.x.size(); ++j) {
      const bool real = std::isfinite(line.x[j]) && std::isfinite(line.y[j]);
      if (real) (drawing ? cairo_line_to : cairo_move_to)(cr, axes.px(line.x[j]), axes.py(line.y[j]));
      drawing = real;
    }
    cairo_stroke(cr);
  }
  cairo_reset_clip(cr);
}

void draw_legend(cairo_t* cr, const LinePlot& plot, const Frame& f) {
  cairo_set_font_size(cr, 13);
  double width = 0;
  for (const PlotLine& line : plot.lines) width = std::max(width, text_width(cr, line.name));
  const double row = 20, height = row * static_cast<double>(plot.lines.size()) + 8;
  const double left = f.right - width - 60, top = plot.legend_low ? f.bottom - 10 - height : f.top + 10;
  cairo_set_source_rgba(cr, 1, 1, 1, 0.85);
  cairo_rectangle(cr, left, top, width + 50, height);
  cairo_fill_preserve(cr);
  cairo_set_source_rgb(cr, 0.6, 0.6, 0.6);
  cairo_set_line_width(cr, 1);
  cairo_stroke(cr);
  for (size_t i = 0; i < plot.lines.size(); ++i) {
    const double y = top + 14 + row * static_cast<double>(i);
    const auto& [r, g, b] = plot_colour(i);
    cairo_set_source_rgb(cr, r, g, b);
    cairo_set_line_width(cr, 2.5);
    if (plot.lines[i].dots) {
      cairo_arc(cr, left + 20, y, 4.5, 0, 2 * M_PI);
      cairo_fill(cr);
    } else {
      line_between(cr, left + 8, y, left + 32, y);
    }
    cairo_set_source_rgb(cr, 0.2, 0.2, 0.2);
    text_at(cr, left + 40, y, plot.lines[i].name, 0, 0.5);
  }
}

// One plot with its upper left corner at the origin of `cr`.
void draw_plot(cairo_t* cr, const LinePlot& plot, bool with_legend) {
  for (const PlotLine& line : plot.lines) invariant(line.x.size() == line.y.size(), "a plot line has as many x as y");
  Axes axes{range_of(plot.lines, &PlotLine::x), range_of(plot.lines, &PlotLine::y), false,
      {plot.width_px >= 600      ? 78.0
          : plot.y_label.empty() ? 52.0
                                 : 66.0,
          40, plot.width_px - 20.0, plot.height_px - 62.0}};
  if (plot.y_range) axes.y = {plot.y_range->first, plot.y_range->second};
  if (plot.log_y && axes.y.low > 0) {
    axes.log_y = true;
    axes.y = {std::log10(axes.y.low), std::log10(axes.y.high)};
  }
  const double margin = 0.04 * (axes.y.high - axes.y.low);
  axes.y.low -= margin, axes.y.high += margin;
  cairo_set_line_width(cr, 1);
  draw_axes(cr, plot, axes);
  draw_lines(cr, plot, axes);
  if (with_legend && !plot.lines.empty()) draw_legend(cr, plot, axes.frame);
}

}  // namespace

std::vector<double> nice_ticks(double low, double high, int count) {
  if (!(high > low) || count < 1) return {low};
  const double rough = (high - low) / count, power = std::pow(10, std::floor(std::log10(rough)));
  const double digit = rough / power;
  const double step = power * (digit < 1.5 ? 1 : digit < 3.5 ? 2 : digit < 7.5 ? 5 : 10);
  std::vector<double> ticks;
  for (double n = std::ceil(low / step - 1e-9); n * step <= high + step * 1e-9; ++n) ticks.push_back(n * step);
  return ticks;
}

std::vector<double> smoothed(const std::vector<double>& y, size_t count) {
  std::vector<double> out(y.size());
  double sum = 0;
  for (size_t i = 0; i < y.size(); ++i) {
    sum += y[i];
    if (i >= count) sum -= y[i - count];
    out[i] = sum / static_cast<double>(std::min(i + 1, count));
  }
  return out;
}

void write_line_plots(const std::vector<LinePlot>& plots, int columns, const std::filesystem::path& path) {
  check(!plots.empty(), path.c_str(), "there is nothing to plot");
  invariant(columns > 0, "a row of panels holds at least one");
  const int count = static_cast<int>(plots.size()), across = std::min(columns, count),
            down = (count + columns - 1) / columns;
  const int width = plots[0].width_px, height = plots[0].height_px;
  write_picture(width * across, height * down, path, [&](cairo_t* cr) {
    for (int i = 0; i < count; ++i) {
      invariant(plots[static_cast<size_t>(i)].width_px == width && plots[static_cast<size_t>(i)].height_px == height,
          "panels of one size");
      cairo_save(cr);
      cairo_translate(cr, width * (i % columns), height * (i / columns));
      draw_plot(cr, plots[static_cast<size_t>(i)], i == 0);
      cairo_restore(cr);
    }
  });
}

void write_line_plot(const LinePlot& plot, const std::filesystem::path& path) { write_line_plots({plot}, 1, path); }

}  // namespace hilum
