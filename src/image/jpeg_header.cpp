#include "image/jpeg_header.h"

#include <algorithm>
#include <string_view>

namespace hilum {
namespace {

using namespace std::string_view_literals;

int u8(std::span<const std::byte> bytes, size_t i) { return std::to_integer<int>(bytes[i]); }
int u16(std::span<const std::byte> bytes, size_t i) { return u8(bytes, i) << 8 | u8(bytes, i + 1); }

bool begins_with(std::span<const std::byte> bytes, std::string_view text) {
  return bytes.size() >= text.size() &&
         std::string_view(reinterpret_cast<const char*>(bytes.data()), text.size()) == text;
}

// A frame header (SOF) of any process; C4, C8 and CC are other segments.
std::optional<JpegProcess> process_of(int marker) {
  if (marker == 0xf7) return JpegProcess::kJpegLs;
  if (marker < 0xc0 || marker > 0xcf || marker == 0xc4 || marker == 0xc8 || marker == 0xcc) return std::nullopt;
  return marker % 4 == 3 ? JpegProcess::kLossless : JpegProcess::kDct;
}

std::optional<JpegFrame> frame_of(std::span<const std::byte> body, JpegProcess process) {
  if (body.size() < 6) return std::nullopt;
  JpegFrame frame{process, u16(body, 3), u16(body, 1), u8(body, 5), u8(body, 0)};
  for (size_t i = 0; i < static_cast<size_t>(frame.components) && 6 + 3 * i + 1 < body.size(); ++i)
    frame.subsampled |= u8(body, 6 + 3 * i + 1) != u8(body, 7);
  return frame;
}

void read_segment(int marker, std::span<const std::byte> body, JpegHeader& header) {
  if (const auto process = process_of(marker); process && !header.frame) header.frame = frame_of(body, *process);
  if (marker == 0xe0 && begins_with(body, "JFIF\0"sv)) header.jfif = true;
  if (marker == 0xee && begins_with(body, "Adobe"sv) && body.size() >= 12) header.adobe_transform = u8(body, 11);
  if (marker == 0xe1 && begins_with(body, "Exif\0"sv) && body.size() > 6 && header.exif.empty())
    header.exif = body.subspan(6);
}

}  // namespace

JpegHeader read_jpeg_header(std::span<const std::byte> stream) {
  JpegHeader header;
  size_t i = 2;  // behind the start of the image
  for (;;) {
    while (i < stream.size() && u8(stream, i) != 0xff) ++i;  // stray bytes, as decoders pass over them
    while (i < stream.size() && u8(stream, i) == 0xff) ++i;  // fill bytes
    if (i >= stream.size()) return header;
    const int marker = u8(stream, i++);
    if (marker == 0xda || marker == 0xd9) return header;                             // the first scan, or the end
    if (marker == 0 || marker == 1 || (marker >= 0xd0 && marker <= 0xd8)) continue;  // these have no length
    if (i + 2 > stream.size()) return header;
    const size_t length = static_cast<size_t>(u16(stream, i));
    if (length < 2 || length > stream.size() - i) return header;
    read_segment(marker, stream.subspan(i + 2, length - 2), header);
    i += length;
  }
}

}  // namespace hilum
