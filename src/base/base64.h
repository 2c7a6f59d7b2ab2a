// Base64 (RFC 4648 section 4): as MLflow reads it, and as data URIs and training tables hold it.
#pragma once

#include <string>
#include <string_view>

namespace hilum {

std::string base64_encode(std::string_view bytes);

// As Python's base64.decodebytes reads it, and so MLflow's binary columns: every character outside the alphabet is
// skipped (the newlines that encodebytes puts each 76 characters), reading ends with the padding, and padding that is
// missing or short is an Error at `where`.
std::string base64_decode_lenient(std::string_view text, const std::string& where);

// Only the alphabet, padded to fours, and blanks, tabs and line breaks anywhere, which are passed over (RFC 4648 3.3
// leaves that open; encoders break lines); anything else is an Error at `where` naming the offset or the padding. Bits
// left over behind the last byte may be any.
std::string base64_decode_strict(std::string_view text, const std::string& where);

}  // namespace hilum
