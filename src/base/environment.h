// Environment variables.
#pragma once

#include <cstdlib>

namespace hilum {

// The value of the variable `name`; null where it is not set. Any thread may ask: Hilum sets none.
inline const char* environment(const char* name) { return std::getenv(name); }  // NOLINT(concurrency-mt-unsafe)

}  // namespace hilum
