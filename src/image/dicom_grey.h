// The grey pipeline of DICOM (PS3.3 C.11, C.7.6.3.1.2) on stored values, in double, without any DICOM library:
//   stored value -> modality LUT or rescale -> VOI LUT or window -> 8 (or 16) bit -> inverted once, at the end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "image/image.h"

namespace hilum {

// How a stored value lies in its 8- or 16-bit cell.
struct StoredBits {
  int allocated = 16, stored = 16, high_bit = 15;
  bool is_signed = false;

  bool valid() const;                  // 8 or 16 allocated; 1 <= stored <= allocated; the bits lie inside the cell
  int32_t value(uint16_t cell) const;  // shifted, masked and sign-extended
  uint16_t cell(int32_t value) const;  // the reverse
};

// A modality or VOI LUT (PS3.3 C.11.1.1, C.11.2.1.1): entry 0 belongs to the input `first`; inputs outside take the end
// entries.
struct LookupTable {
  int32_t first = 0;
  int bits = 16;  // of each entry, as the descriptor says
  std::vector<uint16_t> entries;

  // Whether the entries are of that depth: the largest takes all of its bits, and no more.
  bool has_its_depth() const;
  // The entry shown white: 2^bits - 1, or the largest entry where they are of another depth.
  uint16_t white() const;
};

enum class WindowFunction { kLinear, kLinearExact, kSigmoid };  // PS3.3 C.11.2.1.2, C.11.2.1.3

struct Window {
  double center = 0, width = 0;  // in modality values
  WindowFunction function = WindowFunction::kLinear;
  int count = 1;  // how many the file offers; this is the first
};

// 0..255, not rounded; PS3.3 C.11.2.1.2.1 (LINEAR, width >= 1), C.11.2.1.3.2 (LINEAR_EXACT), C.11.2.1.3.1 (SIGMOID;
// width > 0).
double windowed(double x, const Window& window);
bool is_usable(const Window& window);

struct GreyRules {
  StoredBits bits;
  double slope = 1, intercept = 0;                   // without a modality LUT
  std::optional<LookupTable> modality_lut, voi_lut;  // a VOI LUT goes before a window
  std::optional<Window> window;
  bool monochrome1 = false, inverse_shape = false;  // either inverts; both invert once
  std::optional<int32_t> padding, padding_limit;    // stored values; the limit makes a range of it
};

// Appends to decoded.steps and decoded.warnings and fills decoded.pixels (grey of `bits`, 8 or 16; 16-bit values are
// 257 times the 8-bit ones before these are rounded). Without a VOI LUT or usable window: from the 1st to the 99th
// percentile of the modality values (linear interpolation between order statistics). Pixel padding takes no part in the
// percentiles and becomes 0 (black). `cells`: width * height, rows top to bottom. Throws Error naming `where` when
// every pixel is padding, and when pixels that differ all come out as one grey, naming what hides them.
void render_grey(const std::vector<uint16_t>& cells, int width, int height, const GreyRules& rules,
    DecodedImage& decoded, const std::string& where, int bits = 8);

}  // namespace hilum
