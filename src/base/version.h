// The version of Hilum; CMakeLists.txt holds the same (checked by a test).
#pragma once

namespace hilum {

inline constexpr const char* kVersion = "0.1.0";

}  // namespace hilum
