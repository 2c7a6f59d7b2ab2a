#include "serve/wire/data_uri.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/base64.h"
#include "serve/wire/reply.h"

namespace hilum {
namespace {

// "https" of "https://...", lower case; "" where the text does not begin as a URL with an authority does.
std::string url_scheme(std::string_view text) {
  const size_t colon = text.substr(0, 16).find("://");
  return colon == std::string_view::npos ? "" : lower_ascii(text.substr(0, colon));
}

void refuse_url(std::string_view text, const std::string& where) {
  if (const std::string scheme = url_scheme(text); !scheme.empty())
    throw RequestError(400, where, "is a URL, and URLs are not fetched",
        "Send the file itself: data:image/png;base64,...", "url_not_fetched");
}

using Decode = std::string (*)(std::string_view, const std::string&);

// The bytes, or the refusal of a request whose base64 is none.
std::string decoded(Decode decode, std::string_view text, const std::string& where) {
  try {
    return decode(text, where);
  } catch (const Error& e) {
    throw RequestError(400, where, e.problem(), e.mend(), "invalid_base64");
  }
}

SentImage read_data_uri(std::string_view uri, const std::string& where) {
  constexpr std::array kTypes = {"image/png", "image/jpeg", "application/dicom", "application/octet-stream"};
  const size_t comma = uri.substr(0, 256).find(',');
  const auto refuse = [&](const char* what, const char* mend) {
    throw RequestError(400, where, what, mend, "invalid_image");
  };
  if (comma == std::string_view::npos) refuse("is a data URI without a comma", "data:image/png;base64,... is read.");
  const std::string head = lower_ascii(uri.substr(5, comma - 5));
  if (!head.ends_with(";base64")) refuse("is a data URI that is not base64", "data:image/png;base64,... is read.");
  std::string type = head.substr(0, head.find(';'));
  if (type == "image/jpg") type = "image/jpeg";
  if (std::find(kTypes.begin(), kTypes.end(), type) == kTypes.end())
    refuse("is of a type that is not read", "image/png, image/jpeg and application/dicom are.");
  return {type == "application/octet-stream" ? "" : type, decoded(base64_decode_strict, uri.substr(comma + 1), where)};
}

}  // namespace

bool is_data_uri(std::string_view text) { return lower_ascii(text.substr(0, 5)) == "data:"; }

bool is_data_uri_of_base64(std::string_view text) {
  const std::string_view head = text.substr(0, std::min<size_t>(text.find(','), 256));
  return is_data_uri(text) && lower_ascii(head).ends_with(";base64");
}

SentImage read_image_reference(std::string_view reference, const std::string& where) {
  refuse_url(reference, where);
  SentImage image = is_data_uri(reference) ? read_data_uri(reference, where)
                                           : SentImage{"", decoded(base64_decode_strict, reference, where)};
  if (image.bytes.empty())
    throw RequestError(400, where, "holds no picture", "Send the base64 of the whole file.", "invalid_image");
  return image;
}

std::string read_image_cell(std::string_view cell, const std::string& where) {
  if (cell.empty()) return "";
  refuse_url(cell, where);
  std::string bytes =
      is_data_uri(cell) ? read_data_uri(cell, where).bytes : decoded(base64_decode_lenient, cell, where);
  if (bytes.empty())
    throw RequestError(400, where, "holds no base64", "Send the base64 of the whole file.", "invalid_base64");
  return bytes;
}

}  // namespace hilum
