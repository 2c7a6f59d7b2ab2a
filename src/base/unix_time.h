// The time that results and answers are stamped with.
#pragma once

#include <chrono>
#include <cstdint>

namespace hilum {

inline int64_t unix_seconds() {  // since 1970, now
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace hilum
