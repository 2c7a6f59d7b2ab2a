#include "plot/line_plot.h"

#include <cmath>

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/temp_folder_for_test.h"

namespace hilum {
namespace {

TEST(LinePlot, TicksAreRoundAndInsideTheRange) {
  EXPECT_EQ(nice_ticks(0, 10, 5), (std::vector<double>{0, 2, 4, 6, 8, 10}));
  EXPECT_EQ(nice_ticks(3, 97, 5), (std::vector<double>{20, 40, 60, 80}));
  EXPECT_EQ(nice_ticks(1, 1, 5), (std::vector<double>{1}));
}

TEST(LinePlot, SmoothingIsARunningMean) { EXPECT_EQ(smoothed({1, 3, 5, 7}, 2), (std::vector<double>{1, 2, 4, 6})); }

TEST(LinePlot, WritesAPngWithInkWhereTheLineIs) {
  const TempFolder folder;
  const fs::path path = folder / "line_plot.png";
  LinePlot plot{.title = "Loss", .x_label = "step", .y_label = "nats a token", .log_y = true};
  PlotLine line{.name = "training"};
  for (int i = 0; i < 200; ++i) {
    line.x.push_back(i);
    line.y.push_back(4 * std::exp(-i / 50.0) + 0.2 + 0.05 * std::sin(i));
  }
  plot.lines = {line, {.name = "smoothed", .x = line.x, .y = smoothed(line.y, 20)}};
  write_line_plot(plot, path);
  const std::string with_lines = read_file(path);
  EXPECT_EQ(with_lines.substr(0, 8), "\x89PNG\r\n\x1a\n");
  plot.lines[1].y.assign(200, NAN);  // a line of nothing finite draws nothing
  write_line_plot(plot, path);
  EXPECT_NE(read_file(path), with_lines);
}

TEST(LinePlot, APointWithoutNeighboursIsSeen) {
  const TempFolder folder;
  LinePlot plot{.title = "One", .lines = {{.name = "F1", .x = {3}, .y = {0.5}}}, .y_range = {{0, 1}}};
  write_line_plot(plot, folder / "one.png");
  plot.lines[0].y = {NAN};
  write_line_plot(plot, folder / "none.png");
  EXPECT_NE(read_file(folder / "one.png"), read_file(folder / "none.png"));
  plot.lines[0] = {.name = "F1", .x = {1, 2, 3}, .y = {NAN, 0.5, NAN}};  // within a broken line too
  write_line_plot(plot, folder / "one.png");
  plot.lines[0].y[1] = NAN;
  write_line_plot(plot, folder / "none.png");
  EXPECT_NE(read_file(folder / "one.png"), read_file(folder / "none.png"));
}

TEST(LinePlot, NoPointsStillGiveAPicture) {
  const TempFolder folder;
  const fs::path path = folder / "empty_plot.png";
  write_line_plot({.title = "Nothing yet"}, path);
  EXPECT_GT(read_file(path).size(), 100u);
}

}  // namespace
}  // namespace hilum
