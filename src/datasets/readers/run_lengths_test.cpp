#include "datasets/readers/run_lengths.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/rng.h"

namespace hilum {
namespace {

std::string shown(const std::vector<PixelRectangle>& boxes) {
  std::string out;
  for (const PixelRectangle& b : boxes)
    out += "[" + std::to_string(b.x_min) + " " + std::to_string(b.y_min) + " " + std::to_string(b.x_max) + " " +
           std::to_string(b.y_max) + "]";
  return out;
}

// By another way: a picture of pixels, and what is reached from each over the eight neighbours.
std::vector<PixelRectangle> boxes_by_flood(const std::vector<PixelRun>& runs, int width, int height) {
  std::vector<char> set(static_cast<size_t>(width * height), 0);  // row by row
  for (const PixelRun& run : runs)
    for (int64_t p = run.start; p < run.start + run.length; ++p)
      set[static_cast<size_t>((p % height) * width + p / height)] = 1;
  std::vector<PixelRectangle> boxes;
  for (int x = 0; x < width; ++x)
    for (int y = 0; y < height; ++y) {
      if (!set[static_cast<size_t>(y * width + x)]) continue;
      PixelRectangle box{x, y, x + 1, y + 1};
      std::vector<std::pair<int, int>> open = {{x, y}};
      set[static_cast<size_t>(y * width + x)] = 0;
      while (!open.empty()) {
        const auto [px, py] = open.back();
        open.pop_back();
        box = {
            std::min(box.x_min, px), std::min(box.y_min, py), std::max(box.x_max, px + 1), std::max(box.y_max, py + 1)};
        for (int nx = std::max(px - 1, 0); nx <= std::min(px + 1, width - 1); ++nx)
          for (int ny = std::max(py - 1, 0); ny <= std::min(py + 1, height - 1); ++ny)
            if (char& pixel = set[static_cast<size_t>(ny * width + nx)]; pixel) {
              pixel = 0;
              open.emplace_back(nx, ny);
            }
      }
      boxes.push_back(box);
    }
  std::sort(boxes.begin(), boxes.end(), [](const PixelRectangle& a, const PixelRectangle& b) {
    return a.x_min != b.x_min ? a.x_min < b.x_min : a.y_min < b.y_min;
  });
  return boxes;
}

TEST(RunLengths, TheSheetsExampleIsColumnByColumnAndRelative) {
  // 4 x 4: "1 2 3 1" sets positions 1, 2, 6: rows 1 and 2 of column 0, row 2 of column 1
  const auto runs = from_relative_starts(*parse_run_lengths("1 2 3 1"), 16);
  ASSERT_TRUE(runs);
  EXPECT_EQ(runs->at(0).start, 1);
  EXPECT_EQ(runs->at(1).start, 6);
  EXPECT_EQ(shown(boxes_of_runs(*runs, 4, 4)), "[0 1 2 3]");
}

TEST(RunLengths, PartsHaveBoxesOfTheirOwn) {
  EXPECT_EQ(shown(boxes_of_runs({{0, 1}, {15, 1}}, 4, 4)), "[0 0 1 1][3 3 4 4]");
  EXPECT_EQ(shown(boxes_of_runs({{0, 1}, {5, 1}}, 4, 4)), "[0 0 2 2]");   // corners touch
  EXPECT_EQ(shown(boxes_of_runs({{3, 2}}, 4, 4)), "[0 3 1 4][1 0 2 1]");  // a run goes on at the top of the next column
  EXPECT_EQ(shown(boxes_of_runs({{6, 1}, {1, 2}, {1, 1}}, 4, 4)), "[0 1 2 3]");  // any order, twice set
  EXPECT_EQ(shown(boxes_of_runs({{0, 16}}, 4, 4)), "[0 0 4 4]");
  EXPECT_EQ(shown(boxes_of_runs({}, 4, 4)), "");
}

TEST(RunLengths, RandomMasksAreThoseOfTheFlood) {
  Rng rng(7, 1);
  for (int trial = 0; trial < 300; ++trial) {
    std::vector<PixelRun> runs;
    const int width = 3 + static_cast<int>(rng.below(12)), height = 3 + static_cast<int>(rng.below(12));
    for (uint32_t count = rng.below(14); count > 0; --count) {
      const auto start = static_cast<int64_t>(rng.below(static_cast<uint32_t>(width * height)));
      runs.push_back({start, std::min<int64_t>(1 + rng.below(6), int64_t{width} * height - start)});
    }
    EXPECT_EQ(shown(boxes_of_runs(runs, width, height)), shown(boxes_by_flood(runs, width, height)));
  }
}

TEST(RunLengths, WhatIsNoneIsTold) {
  for (const char* text : {"", " ", "1", "1 2 3", "1 0", "a 2", "1 -2", "1.5 2", "1,2", "99999999999 1"})
    EXPECT_FALSE(parse_run_lengths(text)) << text;
  EXPECT_EQ(parse_run_lengths(" 5 3\t2  1 ")->size(), 2u);
  EXPECT_FALSE(from_relative_starts({{10, 3}, {3, 1}}, 16));
  EXPECT_TRUE(from_relative_starts({{10, 3}, {2, 1}}, 16));
  EXPECT_TRUE(starts_grow({{5, 3}, {8, 1}, {100, 1}}));
  EXPECT_FALSE(starts_grow({{500, 3}, {8, 1}}));
}

}  // namespace
}  // namespace hilum
