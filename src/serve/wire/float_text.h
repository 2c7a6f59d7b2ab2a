// Floats as JSON text: the shortest digits that read back as the same float.
#pragma once

#include <span>
#include <string>

namespace hilum {

void append_float(std::string& out, float value);
void append_float_list(std::string& out, std::span<const float> values);  // [0.5,1]
void check_finite(std::span<const float> values);                         // throws Error: JSON has no other numbers

}  // namespace hilum
