// Where an image comes from: a file, or the bytes of one that were sent, with a name for them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "image/decode.h"

namespace hilum {

class ImageSource {
 public:
  ImageSource() = default;  // no image
  // Of a file; an empty path: no image.
  ImageSource(std::filesystem::path path);  // NOLINT(google-explicit-constructor): a path is a source as it is
  // Of bytes, which must outlive this; errors say `name`. Larger images than `max_pixels` are refused.
  ImageSource(std::span<const std::byte> bytes, std::string name, int64_t max_pixels = kMaxImagePixels);

  bool empty() const { return name_.empty(); }
  const std::string& name() const { return name_; }            // the path, or the bytes' name
  const std::filesystem::path& path() const { return path_; }  // empty for bytes
  std::span<const std::byte> bytes() const { return bytes_; }  // empty for a file
  bool is_file() const { return !path_.empty(); }
  // Whether it begins as DICOM does. False too for a file that cannot be opened.
  bool is_dicom() const;
  DecodedImage decode() const;  // as decode_image and decode_image_file

 private:
  std::filesystem::path path_;
  std::span<const std::byte> bytes_;
  std::string name_;
  int64_t max_pixels_ = kMaxImagePixels;
};

}  // namespace hilum
