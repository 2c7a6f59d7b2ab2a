#include "serve/sent_image.h"

#include <span>

namespace hilum {

DecodedImage decode_sent(
    const Service& service, const std::string& bytes, const std::string& where, int dicom_grey_bits) {
  return decode_image(
      std::as_bytes(std::span(bytes.data(), bytes.size())), where, service.config().max_pixels, dicom_grey_bits);
}

}  // namespace hilum
