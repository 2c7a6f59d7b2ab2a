// Content-Type and Accept (RFC 9110, sections 8.3 and 12.5.1).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hilum {

struct MediaType {
  std::string type;     // "application/json", lower case; "" where there was none
  std::string charset;  // lower case; "" where not said
};
MediaType read_media_type(std::string_view header);

// Which of the offered types (best first) an Accept header asks for: the highest q of the most specific range that
// fits, the earlier offer among equals. Empty header: the first. No value: none of them is acceptable (406).
std::optional<size_t> accepted_type(std::string_view header, std::span<const std::string_view> offered);

}  // namespace hilum
