// JPEG through libjpeg-turbo: grey stays grey, colour becomes RGB. Chroma and IDCT as libjpeg's defaults (the slow
// integer transform, smooth upsampling), which is what Pillow uses too.
#include <memory>
#include <string>
#include <string_view>

#include <fmt/core.h>
#include <turbojpeg.h>

#include "base/error.h"
#include "image/decoders.h"
#include "image/jpeg_header.h"
#include "image/orientation.h"

namespace hilum {
namespace {

struct DestroyTurbo {
  void operator()(void* handle) const { tjDestroy(handle); }
};

// Bytes between segments that belong to nothing: writers leave them, and no pixel depends on them. Every other warning
// of libjpeg means that pixels are missing or wrong.
bool is_harmless(std::string_view message) {
  return message.find("extraneous bytes before marker") != std::string_view::npos;
}

}  // namespace

DecodedImage decode_jpeg(std::span<const std::byte> bytes, const std::string& where, int64_t max_pixels) {
  const std::unique_ptr<void, DestroyTurbo> handle(tjInitDecompress());
  if (!handle) throw Error(where, "cannot be decoded: libjpeg could not start", "Free some memory.");
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  const auto damaged = [&] {
    return Error(where,
        fmt::format("is a damaged, truncated or unsupported JPEG file ({})", tjGetErrorStr2(handle.get())),
        "Export or copy the file again.");
  };

  int width = 0, height = 0, subsampling = 0, colourspace = 0;
  if (tjDecompressHeader3(handle.get(), data, bytes.size(), &width, &height, &subsampling, &colourspace) != 0)
    throw damaged();
  if (width == 0 && height == 0)
    throw Error(where, "is a truncated JPEG file: its tables are there, its picture is not", "Copy the file again.");
  check_dimensions(width, height, where, max_pixels);
  if (colourspace == TJCS_CMYK || colourspace == TJCS_YCCK)
    throw Error(where, "is a CMYK JPEG file, made for printing, which is not read", "Save it as grey or RGB.");

  DecodedImage decoded;
  decoded.metadata.format = "jpeg";
  Image& image = decoded.pixels;
  image.width = width;
  image.height = height;
  image.channels = colourspace == TJCS_GRAY ? 1 : 3;
  image.data8.resize(static_cast<size_t>(width) * static_cast<size_t>(height) * static_cast<size_t>(image.channels));
  // The scan limit bounds the time that a hostile progressive file can take.
  const int flags = TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS;
  if (tjDecompress2(handle.get(), data, bytes.size(), image.data8.data(), width, width * image.channels, height,
          image.channels == 1 ? TJPF_GRAY : TJPF_RGB, flags) != 0) {
    if (tjGetErrorCode(handle.get()) == TJERR_FATAL || !is_harmless(tjGetErrorStr2(handle.get()))) throw damaged();
    decoded.warnings.push_back("the JPEG file has stray bytes between its segments");
  }
  apply_exif_orientation(read_jpeg_header(bytes).exif, decoded);
  return decoded;
}

}  // namespace hilum
