// Index tables of shifted-window attention (Liu et al. 2021, section 3.2): which token stands where in which window,
// which pairs may see each other, and which entry of the bias table a pair takes. All for one picture of g x g tokens.
#pragma once

#include <cstdint>
#include <vector>

namespace hilum {

struct SwinWindows {
  std::vector<int32_t>
      tokens;  // [g*g] window by window, each row by row: the token (row * g + column) that stands there
  std::vector<int32_t> places;  // [g*g] the inverse: token -> its place in `tokens`
  // [windows, w*w, w*w] added to scores: 0, or -100 between parts the shift brought together; empty: no shift
  std::vector<float> mask;
};

// `window` divides g; 0 <= shift < window. Place (y, x) of the shifted grid holds token ((y + shift) mod g, (x + shift)
// mod g).
SwinWindows swin_windows(int g, int window, int shift);

// [w*w, w*w]: for the pair (i, j) the row (yi - yj + w - 1) * (2w - 1) + (xi - xj + w - 1) of the relative position
// bias table.
std::vector<int32_t> relative_position_index(int window);

// [g*g]: the tokens of a g x g grid (g even) by groups of four that are merged: (2y, 2x), (2y + 1, 2x), (2y, 2x + 1),
// (2y + 1, 2x + 1).
std::vector<int32_t> merge_order(int g);

}  // namespace hilum
