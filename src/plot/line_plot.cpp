#include "plot/line_plot.h"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "base/error.h"
#include "base/file.h"
#include "plot/plot_colours.h"

namespace hilum {
namespace {

struct Range {
  double low = 0, high = 1;
  double part(double value) const { return (value - low) / (high - low); }
};

struct Frame {  // the plotting area, px
  double left, top, right, bottom;
  Rect rect() const { return {left, top, right - left, bottom - top}; }
};

constexpr double kLineTickSize = 13, kLineTitleSize = 16, kDot = 4.5;

Range range_of(const std::vector<PlotLine>& lines, std::vector<double> PlotLine::* values) {
  double low = INFINITY, high = -INFINITY;
  for (const PlotLine& line : lines)
    for (const double value : line.*values)
      if (std::isfinite(value)) {
        low = std::min(low, value);
        high = std::max(high, value);
      }
  if (low > high) return {0, 1};
  if (low == high) return {low - 0.5, high + 0.5};
  return {low, high};
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

// As many as stand beside each other without touching.
std::vector<double> x_ticks(const Canvas& canvas, const Axes& axes) {
  constexpr double kTickGap = 8;  // px
  std::vector<double> ticks;
  for (int count = 8; count >= 1; --count) {
    ticks = nice_ticks(axes.x.low, axes.x.high, count);
    bool touch = false;
    for (size_t i = 1; i < ticks.size(); ++i)
      touch = touch ||
              axes.px(ticks[i]) - axes.px(ticks[i - 1]) < (canvas.label_width(tick_text(ticks[i - 1]), kLineTickSize) +
                                                              canvas.label_width(tick_text(ticks[i]), kLineTickSize)) /
                                                                  2 +
                                                              kTickGap;
    if (!touch) break;
  }
  return ticks;
}

void draw_axes(Canvas& canvas, const LinePlot& plot, const Axes& axes) {
  const Frame& f = axes.frame;
  const Colour ink = grey(0.2), faint = grey(0.9);
  for (const double tick : x_ticks(canvas, axes)) {
    const double x = axes.px(tick);
    canvas.line({x, f.top}, {x, f.bottom}, faint, 1);
    canvas.label(tick_text(tick), {x, f.bottom + 8}, {.size = kLineTickSize, .colour = ink, .align_x = 0.5});
  }
  for (const double tick : y_ticks(axes)) {
    const double y = axes.py(tick);
    canvas.line({f.left, y}, {f.right, y}, faint, 1);
    canvas.label(
        tick_text(tick), {f.left - 8, y}, {.size = kLineTickSize, .colour = ink, .align_x = 1, .align_y = 0.5});
  }
  canvas.outline(f.rect(), ink);
  const double middle = (f.left + f.right) / 2;
  canvas.label(plot.x_label, {middle, f.bottom + 36}, {.size = kLineTickSize, .colour = ink, .align_x = 0.5});
  canvas.label(plot.y_label, {18, (f.top + f.bottom) / 2},
      {.size = kLineTickSize, .colour = ink, .align_x = 0.5, .align_y = 0.5, .turned = true});
  canvas.label(plot.title, {middle, 22}, {.size = kLineTitleSize, .colour = ink, .align_x = 0.5, .align_y = 0.5});
}

void draw_lines(Canvas& canvas, const LinePlot& plot, const Axes& axes) {
  canvas.clip_to(axes.frame.rect());
  for (size_t i = 0; i < plot.lines.size(); ++i) {
    const PlotLine& line = plot.lines[i];
    std::vector<Point> points;
    for (size_t j = 0; j < line.x.size(); ++j) points.push_back({axes.px(line.x[j]), axes.py(line.y[j])});
    if (!line.dots) canvas.curve(points, plot_colour(i), 1.8);
    else
      for (const Point& point : points) canvas.disc(point, kDot, plot_colour(i));
  }
  canvas.leave();
  // A line of one point has no length. Several at one place are rings around each other.
  double radius = kDot + 2.5 * static_cast<double>(plot.lines.size());
  for (size_t i = 0; i < plot.lines.size(); ++i) {
    const PlotLine& line = plot.lines[i];
    radius -= 2.5;
    const auto is_there = [&](size_t j) {
      return j < line.x.size() && std::isfinite(line.x[j]) && std::isfinite(line.y[j]);
    };
    for (size_t j = 0; j < line.x.size() && !line.dots; ++j)
      if (is_there(j) && !is_there(j + 1) && (j == 0 || !is_there(j - 1)))
        canvas.disc({axes.px(line.x[j]), axes.py(line.y[j])}, radius, plot_colour(i));
  }
}

void draw_legend(Canvas& canvas, const LinePlot& plot, const Frame& f) {
  double width = 0;
  for (const PlotLine& line : plot.lines) width = std::max(width, canvas.label_width(line.name, kLineTickSize));
  const double row = 20, height = row * static_cast<double>(plot.lines.size()) + 8;
  const double left = f.right - width - 60, top = plot.legend_low ? f.bottom - 10 - height : f.top + 10;
  const Rect plate{left, top, width + 50, height};
  canvas.fill(plate, {1, 1, 1, 0.85});
  canvas.outline(plate, grey(0.6), {.line_width = 1, .round_join = true});
  for (size_t i = 0; i < plot.lines.size(); ++i) {
    const double y = top + 14 + row * static_cast<double>(i);
    if (plot.lines[i].dots) canvas.disc({left + 20, y}, kDot, plot_colour(i));
    else canvas.line({left + 8, y}, {left + 32, y}, plot_colour(i), 2.5);
    canvas.label(plot.lines[i].name, {left + 40, y}, {.size = kLineTickSize, .colour = grey(0.2), .align_y = 0.5});
  }
}

// One plot with its upper left corner at the origin.
void draw_plot(Canvas& canvas, const LinePlot& plot, bool with_legend) {
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
  axes.y.low -= margin;
  axes.y.high += margin;
  draw_axes(canvas, plot, axes);
  draw_lines(canvas, plot, axes);
  if (with_legend && !plot.lines.empty()) draw_legend(canvas, plot, axes.frame);
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
  Canvas canvas(width * across, height * down, grey(1), path.string());
  for (int i = 0; i < count; ++i) {
    const LinePlot& plot = plots[static_cast<size_t>(i)];
    invariant(plot.width_px == width && plot.height_px == height, "panels of one size");
    canvas.move_to(width * (i % columns), height * (i / columns));
    draw_plot(canvas, plot, i == 0);
    canvas.leave();
  }
  write_file(path, canvas.png());
}

void write_line_plot(const LinePlot& plot, const std::filesystem::path& path) { write_line_plots({plot}, 1, path); }

}  // namespace hilum
