#include "image/image_source.h"

#include "image/decoders.h"

namespace hilum {

ImageSource::ImageSource(std::filesystem::path path) : path_(std::move(path)), name_(path_.string()) {}

ImageSource::ImageSource(std::span<const std::byte> bytes, std::string name, int64_t max_pixels)
    : bytes_(bytes), name_(std::move(name)), max_pixels_(max_pixels) {}

bool ImageSource::is_dicom() const { return is_file() ? is_dicom_file(path_) : looks_like_dicom(bytes_); }

DecodedImage ImageSource::decode() const {
  return is_file() ? decode_image_file(path_) : decode_image(bytes_, name_, max_pixels_);
}

}  // namespace hilum
