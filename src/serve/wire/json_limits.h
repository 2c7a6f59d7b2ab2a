// The one JSON parser of the server: what a request's body may hold, and no more.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/json.h"

namespace hilum {

struct JsonLimits {
  size_t max_bytes = size_t{64} << 20;
  int max_depth = 32;           // arrays and objects inside each other
  size_t max_values = 200'000;  // strings, numbers, arrays ... in the whole body
  size_t max_keys = 512;        // of one object: its keys are found by walking
};

// Parses a body. Refused, each with its reason: nothing at all, bytes past the limit (413), values past theirs,
// anything that is not JSON or not UTF-8, numbers that are not finite as doubles, and the same key twice in one object,
// wherever it stands. Throws RequestError; what it says never holds text of the body (it may be a patient's).
Json parse_body(std::string_view body, const JsonLimits& limits = {});

// One line of JSON in UTF-8; bytes that are not become U+FFFD.
std::string json_line(const Json& json);

}  // namespace hilum
