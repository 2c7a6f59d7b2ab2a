// Environment variables.
#pragma once

#include <cstdlib>

namespace hilum {

// The value of the variable `name`; null where it is not set. Any thread may ask: Hilum sets variables in one place
// only, for libtorch, before that is loaded (engine/torch_loader.cpp).
inline const char* environment(const char* name) { return std::getenv(name); }  // NOLINT(concurrency-mt-unsafe)

}  // namespace hilum
