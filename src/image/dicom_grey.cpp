#include "image/dicom_grey.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <utility>

#include <fmt/core.h>

#include "base/error.h"

namespace hilum {
namespace {

constexpr size_t kCells = 1 << 16;  // every table here has one entry per possible cell

double looked_up(double x, const LookupTable& lut) {
  const double last = static_cast<double>(lut.entries.size()) - 1;
  return lut.entries[static_cast<size_t>(std::clamp(std::floor(x + 0.5) - lut.first, 0.0, last))];
}

bool is_padding(int32_t stored, const GreyRules& rules) {
  if (!rules.padding) return false;
  const int32_t other = rules.padding_limit.value_or(*rules.padding);
  return stored >= std::min(*rules.padding, other) && stored <= std::max(*rules.padding, other);
}

// Occurrences of each cell value; padding is left out.
struct Histogram {
  std::vector<uint32_t> count = std::vector<uint32_t>(kCells, 0);
  uint64_t total = 0;
};

// The value at a fraction of the sorted picture, e.g. 0.01: between the neighbouring order statistics, as NumPy's
// default.
double percentile(const std::vector<std::pair<double, uint32_t>>& sorted, uint64_t total, double fraction) {
  const double position = fraction * static_cast<double>(total - 1);
  const auto below = static_cast<uint64_t>(position);
  const auto at = [&](uint64_t rank) {
    uint64_t seen = 0;
    for (const auto& [value, count] : sorted)
      if ((seen += count) > rank) return value;
    return sorted.back().first;
  };
  const double low = at(below), high = at(std::min(below + 1, total - 1));
  return low + (high - low) * (position - static_cast<double>(below));
}

std::pair<double, double> percentile_range(const Histogram& histogram, const std::vector<double>& modality) {
  std::vector<std::pair<double, uint32_t>> sorted;
  for (size_t cell = 0; cell < kCells; ++cell)
    if (histogram.count[cell]) sorted.emplace_back(modality[cell], histogram.count[cell]);
  std::sort(sorted.begin(), sorted.end());
  const double low = percentile(sorted, histogram.total, 0.01), high = percentile(sorted, histogram.total, 0.99);
  if (high > low) return {low, high};
  return {sorted.front().first, sorted.back().first};  // nearly all pixels are equal: the rest must still show
}

uint8_t to_byte(double y) { return static_cast<uint8_t>(std::floor(std::clamp(y, 0.0, 255.0) + 0.5)); }

// Modality values of the cells that occur.
std::vector<double> modality_values(const Histogram& histogram, const GreyRules& rules, DecodedImage& decoded) {
  std::vector<double> values(kCells, 0);
  for (size_t cell = 0; cell < kCells; ++cell) {
    if (!histogram.count[cell]) continue;
    const double stored = rules.bits.value(static_cast<uint16_t>(cell));
    values[cell] = rules.modality_lut ? looked_up(stored, *rules.modality_lut) : stored * rules.slope + rules.intercept;
  }
  if (rules.modality_lut) decoded.steps.push_back("modality lut");
  else if (rules.slope != 1 || rules.intercept != 0)
    decoded.steps.push_back(fmt::format("rescale slope {:g} intercept {:g}", rules.slope, rules.intercept));
  return values;
}

std::string described(const Window& window) {
  constexpr std::array<const char*, 3> kNames = {"linear", "linear exact", "sigmoid"};
  return fmt::format("window {:g}/{:g} ({}{})", window.center, window.width,
      kNames[static_cast<size_t>(window.function)], window.count > 1 ? fmt::format(", first of {}", window.count) : "");
}

// Pixels that differ and all come out as one grey: what hides them is named. A picture of one value is left to whoever
// needs more than that.
void refuse_one_grey(const std::vector<uint16_t>& table, const Histogram& histogram, bool has_padding, bool use_window,
    const GreyRules& rules, const std::string& where) {
  int32_t low = INT32_MAX, high = INT32_MIN;  // stored values
  std::optional<uint16_t> shown;
  if (has_padding) shown = 0;
  for (size_t cell = 0; cell < kCells; ++cell) {
    if (!histogram.count[cell]) continue;
    if (shown && *shown != table[cell]) return;
    shown = table[cell];
    const int32_t value = rules.bits.value(static_cast<uint16_t>(cell));
    low = std::min(low, value);
    high = std::max(high, value);
  }
  const std::string differ = fmt::format("though its pixels differ (stored values {}..{})", low, high);
  if (low == high && has_padding)
    throw Error(where,
        fmt::format("shows one grey: beside its padding (Pixel Padding Value (0028,0120)) all pixels are {}", low),
        "Correct Pixel Padding Value, or give a file that shows something.");
  if (low == high) return;
  if (rules.voi_lut)
    throw Error(where, fmt::format("is made one grey by its VOI LUT (VOI LUT Sequence (0028,3010)), {}", differ),
        "Correct or remove the VOI LUT.");
  if (use_window)
    throw Error(where,
        fmt::format(
            "is made one grey by its window {:g}/{:g} (Window Center (0028,1050), Window Width (0028,1051)), {}",
            rules.window->center, rules.window->width, differ),
        "Correct the window, or remove it: the picture is then shown from its darkest to its brightest values.");
  throw Error(where,
      fmt::format("is made one grey by its {}, {}",
          rules.modality_lut ? "modality LUT (Modality LUT Sequence (0028,3000))" : "rescaling", differ),
      "Correct or remove it.");
}

}  // namespace

bool LookupTable::has_its_depth() const {
  const uint16_t largest = entries.empty() ? 0 : *std::max_element(entries.begin(), entries.end());
  return std::bit_width(largest) == bits;
}

uint16_t LookupTable::white() const {
  if (has_its_depth()) return static_cast<uint16_t>((1u << bits) - 1);
  return std::max<uint16_t>(1, entries.empty() ? 0 : *std::max_element(entries.begin(), entries.end()));
}

bool StoredBits::valid() const {
  return (allocated == 8 || allocated == 16) && stored >= 1 && stored <= allocated && high_bit >= stored - 1 &&
         high_bit < allocated;
}

int32_t StoredBits::value(uint16_t cell) const {
  const uint32_t mask = (1u << stored) - 1;
  const uint32_t bits = (static_cast<uint32_t>(cell) >> (high_bit - stored + 1)) & mask;
  const bool negative = is_signed && (bits >> (stored - 1));
  return negative ? static_cast<int32_t>(bits) - (1 << stored) : static_cast<int32_t>(bits);
}

uint16_t StoredBits::cell(int32_t value) const {
  const uint32_t mask = (1u << stored) - 1;
  return static_cast<uint16_t>((static_cast<uint32_t>(value) & mask) << (high_bit - stored + 1));
}

bool is_usable(const Window& window) {
  if (!std::isfinite(window.center) || !std::isfinite(window.width)) return false;
  return window.function == WindowFunction::kLinear ? window.width >= 1 : window.width > 0;
}

double windowed(double x, const Window& window) {
  const double c = window.center, w = window.width;
  switch (window.function) {
    case WindowFunction::kSigmoid: return 255.0 / (1.0 + std::exp(-4.0 * (x - c) / w));
    case WindowFunction::kLinearExact:
      if (x <= c - w / 2) return 0;
      if (x > c + w / 2) return 255;
      return ((x - c) / w + 0.5) * 255.0;
    case WindowFunction::kLinear: break;
  }
  if (x <= c - 0.5 - (w - 1) / 2) return 0;
  if (x > c - 0.5 + (w - 1) / 2) return 255;
  return ((x - (c - 0.5)) / (w - 1) + 0.5) * 255.0;
}

void render_grey(const std::vector<uint16_t>& cells, int width, int height, const GreyRules& rules,
    DecodedImage& decoded, const std::string& where, int bits) {
  invariant((bits == 8 || bits == 16) && rules.bits.valid() &&
                cells.size() == static_cast<size_t>(width) * static_cast<size_t>(height),
      "a whole frame");
  Histogram histogram;
  for (const uint16_t cell : cells) ++histogram.count[cell];
  bool has_padding = false;
  for (size_t cell = 0; cell < kCells; ++cell) {
    if (histogram.count[cell] && is_padding(rules.bits.value(static_cast<uint16_t>(cell)), rules)) {
      histogram.count[cell] = 0;
      has_padding = true;
    }
    histogram.total += histogram.count[cell];
  }
  if (histogram.total == 0)
    throw Error(where, "has only pixel padding, no picture", "Give a file that shows something.");

  const std::vector<double> modality = modality_values(histogram, rules, decoded);
  const auto [low, high] = percentile_range(histogram, modality);
  const bool use_window = !rules.voi_lut && rules.window && is_usable(*rules.window);
  if (rules.voi_lut) decoded.steps.push_back("voi lut");
  else if (use_window) decoded.steps.push_back(described(*rules.window));
  else decoded.steps.push_back(fmt::format("percentiles 1-99 ({:g}..{:g})", low, high));
  if (rules.window && !rules.voi_lut && !use_window)
    decoded.warnings.push_back("the window in the DICOM file is not usable; percentiles 1-99 are used");
  if (rules.bits.stored > bits) decoded.steps.push_back(fmt::format("{} bit to {} bit", rules.bits.stored, bits));
  const bool invert = rules.monochrome1 || rules.inverse_shape;
  if (invert)
    decoded.steps.push_back(rules.monochrome1 ? "monochrome1 inverted" : "presentation lut shape inverse: inverted");
  if (has_padding) decoded.steps.push_back("pixel padding painted black");

  const double full = rules.voi_lut ? rules.voi_lut->white() : 0;
  std::vector<uint16_t> table(kCells, 0);
  const uint16_t most = bits == 8 ? 255 : 65535;
  for (size_t cell = 0; cell < kCells; ++cell) {
    if (!histogram.count[cell]) continue;  // does not occur, or is padding
    double y = 0;
    if (rules.voi_lut) y = looked_up(modality[cell], *rules.voi_lut) / full * 255.0;
    else if (use_window) y = windowed(modality[cell], *rules.window);
    else if (high > low) y = (modality[cell] - low) / (high - low) * 255.0;
    const uint16_t shown =
        bits == 8 ? to_byte(y) : static_cast<uint16_t>(std::lround(std::clamp(y * 257.0, 0.0, 65535.0)));
    table[cell] = invert ? static_cast<uint16_t>(most - shown) : shown;
  }

  refuse_one_grey(table, histogram, has_padding, use_window, rules, where);

  Image& image = decoded.pixels;
  image = Image{};
  image.width = width;
  image.height = height;
  image.bits = bits;
  if (bits == 8) {
    image.data8.resize(cells.size());
    std::transform(cells.begin(), cells.end(), image.data8.begin(),
        [&](uint16_t cell) { return static_cast<uint8_t>(table[cell]); });
  } else {
    image.data16.resize(cells.size());
    std::transform(cells.begin(), cells.end(), image.data16.begin(), [&](uint16_t cell) { return table[cell]; });
  }
}

}  // namespace hilum
