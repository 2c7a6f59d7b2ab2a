#include "image/resample.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numbers>
#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "base/error.h"

namespace hilum {
namespace {

constexpr int kPrecisionBits = 22;  // 32 bits less 8 of the pixel, less 2 for overshoot

double box(double x) { return x > -0.5 && x <= 0.5 ? 1.0 : 0.0; }

double bilinear(double x) {
  x = std::fabs(x);
  return x < 1.0 ? 1.0 - x : 0.0;
}

double bicubic(double x) {  // Keys, a = -0.5
  constexpr double a = -0.5;
  x = std::fabs(x);
  if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
  if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * a;
  return 0.0;
}

double sinc(double x) {
  if (x == 0.0) return 1.0;
  x *= std::numbers::pi;
  return std::sin(x) / x;
}

double lanczos(double x) { return x >= -3.0 && x < 3.0 ? sinc(x) * sinc(x / 3) : 0.0; }

struct Filter {
  const char* name;
  Resample resample;
  int pillow;  // its number in PIL.Image.Resampling
  double (*kernel)(double);
  double support;
};
constexpr std::array<Filter, 5> kFilters = {{
    {"nearest", Resample::kNearest, 0, nullptr, 0.0},
    {"box", Resample::kBox, 4, box, 0.5},
    {"bilinear", Resample::kBilinear, 2, bilinear, 1.0},
    {"bicubic", Resample::kBicubic, 3, bicubic, 2.0},
    {"lanczos", Resample::kLanczos, 1, lanczos, 3.0},
}};

const Filter& filter_of(Resample resample) {
  for (const Filter& filter : kFilters)
    if (filter.resample == resample) return filter;
  throw Error("resample", "no such filter");
}

// The taps of outputs first .. first + count - 1 of one axis: output i sums input[start[i] + j] * weights[i * stride +
// j].
struct Taps {
  std::vector<int> start, size;
  std::vector<int32_t> weights;
  int stride = 0;
  int lowest = 0, highest = 0;  // input range [lowest, highest) that all of them read
};

Taps taps_for(int64_t in, int64_t out, int64_t first, int count, const Filter& filter) {
  const double scale = static_cast<double>(in) / static_cast<double>(out);
  const double filter_scale = std::max(scale, 1.0);
  const double support = filter.support * filter_scale;
  const double inverse = 1.0 / filter_scale;
  Taps taps;
  taps.stride = static_cast<int>(std::min<double>(std::ceil(support) * 2 + 1, static_cast<double>(in)));
  taps.start.resize(static_cast<size_t>(count));
  taps.size.resize(static_cast<size_t>(count));
  taps.weights.assign(static_cast<size_t>(count) * static_cast<size_t>(taps.stride), 0);
  taps.lowest = static_cast<int>(in);
  std::vector<double> kernel(static_cast<size_t>(taps.stride));
  for (int i = 0; i < count; ++i) {
    const double centre = (static_cast<double>(first + i) + 0.5) * scale;
    const int64_t low = std::max<int64_t>(0, static_cast<int64_t>(centre - support + 0.5));
    const int64_t high = std::min<int64_t>(in, static_cast<int64_t>(centre + support + 0.5));
    const int size = static_cast<int>(high - low);
    invariant(size >= 0 && size <= taps.stride, "taps fit their row");
    double sum = 0;
    for (int j = 0; j < size; ++j) {
      const double weight = filter.kernel((static_cast<double>(low + j) - centre + 0.5) * inverse);
      kernel[static_cast<size_t>(j)] = weight;
      sum += weight;
    }
    int32_t* fixed = &taps.weights[static_cast<size_t>(i) * static_cast<size_t>(taps.stride)];
    for (int j = 0; j < size; ++j) {
      double weight = kernel[static_cast<size_t>(j)];
      if (sum != 0.0) weight *= 1.0 / sum;
      fixed[j] = static_cast<int32_t>((weight < 0 ? -0.5 : 0.5) + weight * (1 << kPrecisionBits));
    }
    taps.start[static_cast<size_t>(i)] = static_cast<int>(low);
    taps.size[static_cast<size_t>(i)] = size;
    taps.lowest = std::min(taps.lowest, static_cast<int>(low));
    taps.highest = std::max(taps.highest, static_cast<int>(high));
  }
  return taps;
}

uint8_t clamped(int32_t sum) { return static_cast<uint8_t>(std::clamp(sum >> kPrecisionBits, 0, 255)); }

// One row: out[i] for every output of `taps`.
template <int kChannels>
void resample_row(const uint8_t* in, const Taps& taps, uint8_t* out) {
  const size_t count = taps.start.size();
  for (size_t i = 0; i < count; ++i) {
    const int32_t* weights = &taps.weights[i * static_cast<size_t>(taps.stride)];
    const uint8_t* from = in + static_cast<size_t>(taps.start[i]) * kChannels;
    const int size = taps.size[i];
    int32_t sum[kChannels];
    for (int c = 0; c < kChannels; ++c) sum[c] = 1 << (kPrecisionBits - 1);
    for (int j = 0; j < size; ++j)
      for (int c = 0; c < kChannels; ++c) sum[c] += from[j * kChannels + c] * weights[j];
    for (int c = 0; c < kChannels; ++c) out[i * kChannels + static_cast<size_t>(c)] = clamped(sum[c]);
  }
}

// Columns [left, left + width) of rows [taps of the vertical pass), resized along x.
std::vector<uint8_t> horizontal(const Image& image, int64_t out_width, const ResizeWindow& window, const Filter& filter,
    int first_row, int last_row) {
  const size_t channels = static_cast<size_t>(image.channels), in_row = static_cast<size_t>(image.width) * channels;
  const size_t out_row = static_cast<size_t>(window.width) * channels;
  std::vector<uint8_t> out(static_cast<size_t>(last_row - first_row) * out_row);
  const uint8_t* in = image.data8.data() + static_cast<size_t>(first_row) * in_row;
  if (out_width == image.width) {
    for (size_t y = 0; y < static_cast<size_t>(last_row - first_row); ++y)
      std::memcpy(&out[y * out_row], in + y * in_row + static_cast<size_t>(window.left) * channels, out_row);
    return out;
  }
  const Taps taps = taps_for(image.width, out_width, window.left, window.width, filter);
  for (size_t y = 0; y < static_cast<size_t>(last_row - first_row); ++y) {
    if (channels == 1) resample_row<1>(in + y * in_row, taps, &out[y * out_row]);
    else resample_row<3>(in + y * in_row, taps, &out[y * out_row]);
  }
  return out;
}

// `rows` begins at input row `first_row`; each output row is a weighted sum of whole rows, which vectorises.
void vertical(
    const std::vector<uint8_t>& rows, size_t row_bytes, int first_row, const Taps& taps, std::vector<uint8_t>& out) {
  std::vector<int32_t> sum(row_bytes);
  for (size_t i = 0; i < taps.start.size(); ++i) {
    std::fill(sum.begin(), sum.end(), 1 << (kPrecisionBits - 1));
    const int32_t* weights = &taps.weights[i * static_cast<size_t>(taps.stride)];
    for (int j = 0; j < taps.size[i]; ++j) {
      const uint8_t* row = &rows[static_cast<size_t>(taps.start[i] - first_row + j) * row_bytes];
      const int32_t weight = weights[j];
      for (size_t x = 0; x < row_bytes; ++x) sum[x] += row[x] * weight;
    }
    for (size_t x = 0; x < row_bytes; ++x) out[i * row_bytes + x] = clamped(sum[x]);
  }
}

// Which input sample each of the outputs first .. first + count - 1 takes. Pillow adds the step up from the first
// output on, and so do we: products would round otherwise.
std::vector<size_t> nearest_positions(int in, int64_t out, int64_t first, int count) {
  const double step = static_cast<double>(in) / static_cast<double>(out);
  std::vector<size_t> positions;
  double at = step * 0.5;
  for (int64_t i = 0; i < first + count; ++i, at += step)
    if (i >= first) positions.push_back(static_cast<size_t>(std::min<int64_t>(static_cast<int64_t>(at), in - 1)));
  return positions;
}

Image resize_nearest(const Image& image, int64_t width, int64_t height, const ResizeWindow& window) {
  const std::vector<size_t> columns = nearest_positions(image.width, width, window.left, window.width);
  const std::vector<size_t> rows = nearest_positions(image.height, height, window.top, window.height);
  Image out;
  out.width = window.width;
  out.height = window.height;
  out.channels = image.channels;
  const size_t channels = static_cast<size_t>(image.channels);
  out.data8.reserve(columns.size() * rows.size() * channels);
  for (const size_t y : rows)
    for (const size_t x : columns) {
      const auto from =
          image.data8.begin() + static_cast<ptrdiff_t>((y * static_cast<size_t>(image.width) + x) * channels);
      out.data8.insert(out.data8.end(), from, from + static_cast<ptrdiff_t>(channels));
    }
  return out;
}

}  // namespace

Resample resample_from_name(const std::string& name) {
  for (const Filter& filter : kFilters)
    if (name == filter.name) return filter.resample;
  throw Error(
      "resample", fmt::format("there is no filter \"{}\"", name), "Give nearest, box, bilinear, bicubic or lanczos.");
}

const char* resample_name(Resample filter) { return filter_of(filter).name; }

Resample resample_from_pillow(int number) {
  for (const Filter& filter : kFilters)
    if (number == filter.pillow) return filter.resample;
  throw Error("resample", fmt::format("filter number {} is not known", number),
      "Known: 0 nearest, 1 Lanczos, 2 bilinear, 3 bicubic, 4 box.");
}

Image resize(const Image& image, int64_t width, int64_t height, Resample resample, const ResizeWindow& window) {
  invariant(image.bits == 8 && (image.channels == 1 || image.channels == 3) && image.width > 0 && image.height > 0,
      "8-bit picture");
  invariant(window.left >= 0 && window.top >= 0 && window.width > 0 && window.height > 0 &&
                window.left + window.width <= width && window.top + window.height <= height,
      "window inside the resized picture");
  if (resample == Resample::kNearest) return resize_nearest(image, width, height, window);
  const Filter& filter = filter_of(resample);
  const bool keep_height = height == image.height;
  Taps taps;
  if (!keep_height) taps = taps_for(image.height, height, window.top, window.height, filter);
  const int first_row = keep_height ? static_cast<int>(window.top) : taps.lowest;
  const int last_row = keep_height ? first_row + window.height : taps.highest;

  Image out;
  out.width = window.width;
  out.height = window.height;
  out.channels = image.channels;
  std::vector<uint8_t> rows = horizontal(image, width, window, filter, first_row, last_row);
  if (keep_height) {
    out.data8 = std::move(rows);
    return out;
  }
  const size_t row_bytes = static_cast<size_t>(window.width) * static_cast<size_t>(image.channels);
  out.data8.resize(row_bytes * static_cast<size_t>(window.height));
  vertical(rows, row_bytes, first_row, taps, out.data8);
  return out;
}

Image resize_with_alpha(
    const Image& image, int64_t width, int64_t height, Resample filter, const ResizeWindow& window) {
  if (filter == Resample::kNearest || (width == image.width && height == image.height))
    return resize(image, width, height, filter, window);
  Image alpha{.width = image.width, .height = image.height, .channels = 1, .bits = 8, .data8 = image.alpha8};
  invariant(alpha.data8.size() == static_cast<size_t>(image.width) * static_cast<size_t>(image.height),
      "an opacity for each pixel");
  Image weighed = image;
  weighed.alpha8.clear();
  const auto channels = static_cast<size_t>(image.channels);
  for (size_t i = 0; i < weighed.data8.size(); ++i) {
    const uint32_t product = uint32_t{weighed.data8[i]} * alpha.data8[i / channels] + 128;
    weighed.data8[i] = static_cast<uint8_t>(((product >> 8) + product) >> 8);
  }
  Image out = resize(weighed, width, height, filter, window);
  const Image opacity = resize(alpha, width, height, filter, window);
  for (size_t i = 0; i < out.data8.size(); ++i) {
    const uint32_t a = opacity.data8[i / channels];
    if (a != 0 && a != 255) out.data8[i] = static_cast<uint8_t>(std::min<uint32_t>(255, 255u * out.data8[i] / a));
  }
  return out;
}

Image resize(const Image& image, int width, int height, Resample filter) {
  return resize(image, width, height, filter, ResizeWindow{0, 0, width, height});
}

}  // namespace hilum
