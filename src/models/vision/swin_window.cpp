#include "models/vision/swin_window.h"

#include "base/error.h"

namespace hilum {

SwinWindows swin_windows(int g, int window, int shift) {
  invariant(window > 0 && g % window == 0 && shift >= 0 && shift < window, "whole windows, shifted by less than one");
  const int side = g / window, area = window * window;
  SwinWindows made;
  made.places.resize(static_cast<size_t>(g) * static_cast<size_t>(g));
  std::vector<int> part;  // of each place: 3 bands a side, as the shift cut them
  const auto band = [&](int at) { return at < g - window ? 0 : at < g - shift ? 1 : 2; };
  for (int w = 0; w < side * side; ++w)
    for (int i = 0; i < area; ++i) {
      const int y = w / side * window + i / window, x = w % side * window + i % window;
      const int token = (y + shift) % g * g + (x + shift) % g;
      made.places[static_cast<size_t>(token)] = static_cast<int32_t>(made.tokens.size());
      made.tokens.push_back(token);
      part.push_back(3 * band(y) + band(x));
    }
  if (shift == 0) return made;
  for (int w = 0; w < side * side; ++w)
    for (int i = 0; i < area; ++i)
      for (int j = 0; j < area; ++j)
        made.mask.push_back(
            part[static_cast<size_t>(w * area + i)] == part[static_cast<size_t>(w * area + j)] ? 0.0f : -100.0f);
  return made;
}

std::vector<int32_t> relative_position_index(int window) {
  std::vector<int32_t> index;
  const int area = window * window, across = 2 * window - 1;
  for (int i = 0; i < area; ++i)
    for (int j = 0; j < area; ++j)
      index.push_back((i / window - j / window + window - 1) * across + (i % window - j % window + window - 1));
  return index;
}

std::vector<int32_t> merge_order(int g) {
  invariant(g > 0 && g % 2 == 0, "an even grid");
  std::vector<int32_t> order;
  for (int y = 0; y < g; y += 2)
    for (int x = 0; x < g; x += 2)
      for (const int column : {x, x + 1})
        for (const int row : {y, y + 1}) order.push_back(row * g + column);
  return order;
}

}  // namespace hilum
