#include "plot/bar_plot.h"

#include <cmath>

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "base/temp_folder_for_test.h"

namespace hilum {
namespace {

BarPlot plot() {
  return {.title = "Two systems",
      .series = {"model", "most common report"},
      .rows = {{"CheXpert-style rules", {}}, {"label micro-F1", {{.62, .58, .66}, {.31, .28, .35}}},
          {"ROUGE-L", {{.4, .38, .41}, {NAN, NAN, NAN}}}}};
}

TEST(BarPlot, WritesAPngThatShowsItsNumbers) {
  const TempFolder folder;
  const fs::path path = folder / "bar_plot.png";
  BarPlot bars = plot();
  write_bar_plot(bars, path);
  const std::string first = read_file(path);
  EXPECT_EQ(first.substr(0, 8), "\x89PNG\r\n\x1a\n");
  bars.rows[1].bars[0].high = .9;  // a wider interval is another picture
  write_bar_plot(bars, path);
  EXPECT_NE(read_file(path), first);
}

TEST(BarPlot, NothingToPlotIsAnError) {
  BarPlot bars = plot();
  bars.rows.resize(1);
  EXPECT_THROW(write_bar_plot(bars, TempFolder() / "no_bars.png"), Error);
}

}  // namespace
}  // namespace hilum
