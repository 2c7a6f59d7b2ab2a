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

// PackBits (PS3.5 G.3.1) into exactly out.size() bytes. False: the segment ends before they are full.
bool unpack(std::span<const uint8_t> in, std::span<uint8_t> out) {
  size_t i = 0, done = 0;
  while (done < out.size()) {
    if (i >= in.size()) return false;
    const auto n = static_cast<int8_t>(in[i++]);
    if (n == -128) continue;
    if (n >= 0) {  // n + 1 bytes as they stand
      const size_t count = std::min(static_cast<size_t>(n) + 1, out.size() - done);
      if (count > in.size() - i) return false;
      std::copy_n(in.begin() + static_cast<ptrdiff_t>(i), count, out.begin() + static_cast<ptrdiff_t>(done));
      i += static_cast<size_t>(n) + 1;
      done += count;
    } else {  // the next byte, 1 - n times
      if (i >= in.size()) return false;
      const size_t count = std::min(static_cast<size_t>(1 - n), out.size() - done);
      std::fill_n(out.begin() + static_cast<ptrdiff_t>(done), count, in[i++]);
      done += count;
    }
  }
  return true;
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
  if (segments != planes) throw damaged(fmt::format("{} segments, wanted {}", segments, planes));
  std::vector<uint8_t> out(planes * pixels);
  for (size_t s = 0; s < planes; ++s) {
    const size_t begin = u32(frame, 4 + 4 * s), end = s + 1 < planes ? u32(frame, 8 + 4 * s) : frame.size();
    if (begin < kHeaderBytes || end > frame.size() || begin > end) throw damaged("a segment lies outside the data");
    if (!unpack(frame.subspan(begin, end - begin), std::span(out).subspan(s * pixels, pixels)))
      throw damaged("a segment is too short");
  }
  return out;
}

}  // namespace hilum
