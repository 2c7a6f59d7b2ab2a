// Pictures inside requests: data URIs (RFC 2397) and raw base64. Nothing is ever fetched.
#pragma once

#include <string>
#include <string_view>

namespace hilum {

struct SentImage {
  std::string media_type;  // "image/png", "image/jpeg", "application/dicom"; "" where the request did not say. The
                           // bytes decide in the end.
  std::string bytes;       // of the file
};

bool is_data_uri(std::string_view text);            // begins as one
bool is_data_uri_of_base64(std::string_view text);  // and is one, up to its base64

// data:image/png;base64,... (also image/jpeg, application/dicom, application/octet-stream; parameters are passed over),
// or base64 alone as llama-server takes it. http, https and file URLs are refused with the reason; so are other types,
// percent-encoded data and nothing at all. Throws RequestError at `where`.
SentImage read_image_reference(std::string_view reference, const std::string& where);

// A cell of Azure's or MLflow's tables: base64 in the lenient form, or a data URI. "" gives "".
std::string read_image_cell(std::string_view cell, const std::string& where);

}  // namespace hilum
