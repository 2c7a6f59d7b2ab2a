#include "image/dicom_rle.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/error.h"

namespace hilum {
namespace {

constexpr size_t kHeaderBytes = 64;  // number of segments, then up to 15 offsets

size_t u32(std::span<const uint8_t> bytes, size_t i) {
  return bytes[i] | size_t{bytes[i + 1]} << 8 | size_t{bytes[i + 2]} << 16 | size_t{bytes[i + 3]} << 24;
}

// PackBits (PS3.5 G.3.1) into exactly out.size() bytes: how many the segment holds, fewer or more than those. Zeros
// behind the last run are padding.
size_t unpack(std::span<const uint8_t> in, std::span<uint8_t> out) {
  size_t i = 0, done = 0;
  size_t padding = in.size();
  while (padding > 0 && in[padding - 1] == 0) --padding;
  while (i < in.size() && (done < out.size() || i < padding)) {
    const auto n = static_cast<int8_t>(in[i++]);
    if (n == -128) continue;
    const bool is_literal = n >= 0;  // n + 1 bytes as they stand; else the next byte, 1 - n times
    const size_t count = static_cast<size_t>(is_literal ? n + 1 : 1 - n), taken = is_literal ? count : 1;
    const size_t room = out.size() - std::min(done, out.size()), fits = std::min(count, room);
    if (std::min(taken, fits) > in.size() - i) return done;
    if (is_literal)
      std::copy_n(in.begin() + static_cast<ptrdiff_t>(i), fits, out.begin() + static_cast<ptrdiff_t>(done));
    else std::fill_n(out.begin() + static_cast<ptrdiff_t>(std::min(done, out.size())), fits, in[i]);
    i += std::min(taken, in.size() - i);
    done += count;
  }
  return done;
}

}  // namespace

std::vector<uint8_t> decode_dicom_rle(
    std::span<const uint8_t> frame, size_t planes, size_t pixels, const std::string& where) {
  const auto damaged = [&](const std::string& what) {
    return Error(where, fmt::format("has damaged or truncated RLE pixel data ({})", what),
        "Export the file again, e.g. uncompressed.");
  };
  if (frame.size() < kHeaderBytes) throw damaged("no header");
  const size_t segments = u32(frame, 0);
  constexpr size_t kMostSegments = 15;
  if (segments != planes && segments >= 1 && segments <= kMostSegments)
    throw Error(where,
        fmt::format(
            "has RLE pixel data of {} segments, its header promises {} (Samples per Pixel times bytes a sample)",
            segments, planes),
        "Correct Samples per Pixel (0028,0002) and Bits Allocated (0028,0100), or export the file again uncompressed.");
  if (segments != planes) throw damaged(fmt::format("{} segments, wanted {}", segments, planes));
  std::vector<uint8_t> out(planes * pixels);
  for (size_t s = 0; s < planes; ++s) {
    const size_t begin = u32(frame, 4 + 4 * s), end = s + 1 < planes ? u32(frame, 8 + 4 * s) : frame.size();
    if (begin < kHeaderBytes || end > frame.size() || begin > end) throw damaged("a segment lies outside the data");
    const size_t held = unpack(frame.subspan(begin, end - begin), std::span(out).subspan(s * pixels, pixels));
    if (held < pixels) throw damaged(fmt::format("a segment of {} pixels, Rows x Columns are {}", held, pixels));
    if (held > pixels + 1)  // one more: an odd plane filled up before it was packed
      throw Error(where,
          fmt::format("has RLE pixel data of {} pixels, its header promises {} (Rows x Columns)", held, pixels),
          "Correct Rows (0028,0010) and Columns (0028,0011), or export the file again uncompressed.");
  }
  return out;
}

}  // namespace hilum
