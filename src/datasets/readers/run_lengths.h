// Masks of pixels as run lengths, and the boxes around their parts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hilum {

// Positions of set pixels from `start` on. Position p of a frame that is `height` px high is column p / height, row
// p mod height: columns one after the other.
struct PixelRun {
  int64_t start = 0, length = 0;
};

// The numbers of "start length start length ..."; no value for anything else: an odd count, no number, a length below
// 1, no pair at all.
std::optional<std::vector<PixelRun>> parse_run_lengths(std::string_view text);

// Does each run begin at or behind the end of the one before? So it is in a mask whose starts are counted from the
// beginning of the frame.
bool starts_grow(const std::vector<PixelRun>& runs);

// From starts that count from the end of the run before (the first from 0) to starts from the beginning of the frame.
// No value where a run ends beyond `pixels`.
std::optional<std::vector<PixelRun>> from_relative_starts(const std::vector<PixelRun>& runs, int64_t pixels);

struct PixelRectangle {
  int x_min = 0, y_min = 0, x_max = 0, y_max = 0;  // px; the maxima lie behind the last pixel
};

// The boxes around the parts of a mask, from left to right: pixels are of one part when they touch by an edge or a
// corner. Runs may overlap and come in any order, and lie within the frame.
std::vector<PixelRectangle> boxes_of_runs(const std::vector<PixelRun>& runs, int width, int height);

}  // namespace hilum
