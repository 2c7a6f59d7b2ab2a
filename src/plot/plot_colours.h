// The colours of series in plots.
#pragma once

#include <array>
#include <cstddef>

#include "canvas/canvas.h"

namespace hilum {

// Of series i; they repeat after six.
inline Colour plot_colour(size_t i) {
  constexpr std::array<Colour, 6> kColours = {{{0.12, 0.35, 0.65}, {0.85, 0.37, 0.10}, {0.17, 0.55, 0.25},
      {0.55, 0.25, 0.60}, {0.50, 0.50, 0.50}, {0.75, 0.60, 0.10}}};
  return kColours[i % kColours.size()];
}

constexpr Colour grey(double value) { return {value, value, value}; }

}  // namespace hilum
