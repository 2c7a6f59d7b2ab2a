// A picture that a request carries.
#pragma once

#include <string>

#include "image/decode.h"
#include "serve/service.h"

namespace hilum {

// Decoded. Throws RequestError at `where`, 413 for one too large; its text holds nothing of the picture's header.
DecodedImage decode_sent(
    const Service& service, const std::string& bytes, const std::string& where, int dicom_grey_bits = 8);

}  // namespace hilum
