#include "serve/wire/float_text.h"

#include <charconv>
#include <cmath>

#include "base/error.h"

namespace hilum {

void check_finite(std::span<const float> values) {
  for (const float value : values)
    if (!std::isfinite(value))
      throw Error("embedding", "holds a number that is not finite", "This is the model's fault, not the request's.");
}

void append_float(std::string& out, float value) {
  check_finite({&value, 1});
  char digits[32];
  const auto [end, trouble] = std::to_chars(digits, digits + sizeof digits, value);
  invariant(trouble == std::errc(), "a float fits");
  out.append(digits, end);
}

void append_float_list(std::string& out, std::span<const float> values) {
  out += '[';
  for (size_t i = 0; i < values.size(); ++i) {
    if (i) out += ',';
    append_float(out, values[i]);
  }
  out += ']';
}

}  // namespace hilum
