#include "image/augment/tone.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/error.h"

namespace hilum {
namespace {

using LevelTable = std::array<uint8_t, 256>;
using LevelCounts = std::array<int64_t, 256>;

LevelCounts count_levels(const Image& image, size_t channel) {
  LevelCounts counts{};
  for (size_t i = channel; i < image.data8.size(); i += static_cast<size_t>(image.channels)) ++counts[image.data8[i]];
  return counts;
}

// `table(channel)` gives each channel its table.
template <typename Table>
Image map_levels(const Image& image, Table table) {
  invariant(image.bits == 8, "an 8-bit picture");
  Image out = image;
  for (size_t channel = 0; channel < static_cast<size_t>(image.channels); ++channel) {
    const LevelTable levels = table(channel);
    for (size_t i = channel; i < out.data8.size(); i += static_cast<size_t>(out.channels))
      out.data8[i] = levels[out.data8[i]];
  }
  return out;
}

template <typename Level>
LevelTable table_of(Level level) {
  LevelTable table{};
  for (size_t v = 0; v < table.size(); ++v) table[v] = static_cast<uint8_t>(std::clamp<int64_t>(level(v), 0, 255));
  return table;
}

LevelTable unchanged() {
  return table_of([](size_t v) { return static_cast<int64_t>(v); });
}

LevelTable stretched(const LevelCounts& counts) {
  size_t low = 0, high = 255;
  while (low < 255 && counts[low] == 0) ++low;
  while (high > 0 && counts[high] == 0) --high;
  if (high <= low) return unchanged();
  const double scale = 255.0 / static_cast<double>(high - low), offset = -static_cast<double>(low) * scale;
  return table_of([&](size_t v) { return static_cast<int64_t>(static_cast<double>(v) * scale + offset); });
}

LevelTable evened(const LevelCounts& counts) {
  int64_t total = 0, last = 0, levels = 0;
  for (const int64_t count : counts) {
    total += count;
    if (count == 0) continue;
    last = count;
    ++levels;
  }
  const int64_t step = (total - last) / 255;
  if (levels <= 1 || step == 0) return unchanged();
  int64_t sum = step / 2;
  return table_of([&](size_t v) {
    const int64_t level = sum / step;
    sum += counts[v];
    return level;
  });
}

}  // namespace

Image posterize(const Image& image, int bits) {
  invariant(bits >= 0 && bits <= 8, "0 to 8 bits");
  const int64_t mask = ~((int64_t{1} << (8 - bits)) - 1);
  return map_levels(image, [&](size_t) { return table_of([&](size_t v) { return static_cast<int64_t>(v) & mask; }); });
}

Image solarize(const Image& image, double threshold) {
  return map_levels(image, [&](size_t) {
    return table_of([&](size_t v) {
      const auto level = static_cast<int64_t>(v);
      return static_cast<double>(v) < threshold ? level : 255 - level;
    });
  });
}

Image autocontrast(const Image& image) {
  return map_levels(image, [&](size_t channel) { return stretched(count_levels(image, channel)); });
}

Image equalize(const Image& image) {
  return map_levels(image, [&](size_t channel) { return evened(count_levels(image, channel)); });
}

}  // namespace hilum
