#include <memory>

#include <fmt/core.h>
#include <turbojpeg.h>

#include "base/error.h"
#include "image/encode.h"

namespace hilum {
namespace {

struct Destroy {
  void operator()(void* handle) const { tjDestroy(handle); }
};
struct Free {
  void operator()(unsigned char* bytes) const { tjFree(bytes); }
};

}  // namespace

std::string encode_jpeg(const Image& image, int quality) {
  const size_t samples =
      static_cast<size_t>(image.width) * static_cast<size_t>(image.height) * static_cast<size_t>(image.channels);
  check(image.bits == 8 && (image.channels == 1 || image.channels == 3) && image.width > 0 && image.height > 0 &&
            image.data8.size() == samples,
      "encode", "a JPEG takes 8-bit grey or RGB pictures whose buffer fits their size");
  check(image.width <= 65535 && image.height <= 65535, "encode",
      fmt::format("a JPEG has at most 65535 px a side, not {} x {}", image.width, image.height));
  check(quality >= 1 && quality <= 100, "encode", fmt::format("the JPEG quality {} is outside 1..100", quality));
  const std::unique_ptr<void, Destroy> handle(tjInitCompress());
  check(handle != nullptr, "encode", "libjpeg could not start", "Free some memory.");
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  const bool grey = image.channels == 1;
  const int failed =
      tjCompress2(handle.get(), image.data8.data(), image.width, image.width * image.channels, image.height,
          grey ? TJPF_GRAY : TJPF_RGB, &bytes, &size, grey ? TJSAMP_GRAY : TJSAMP_420, quality, TJFLAG_ACCURATEDCT);
  const std::unique_ptr<unsigned char, Free> owner(bytes);
  if (failed != 0)
    throw Error("encode", fmt::format("libjpeg could not write the image ({})", tjGetErrorStr2(handle.get())));
  return std::string(reinterpret_cast<const char*>(bytes), size);
}

}  // namespace hilum
