// The nearest known name to a mistyped one, for error messages.
#pragma once

#include <string>
#include <vector>

namespace hilum {

// The candidate with the smallest edit distance to `name`, if that is at most a third of the longer one (and at least
// 2); else empty.
std::string nearest_name(const std::string& name, const std::vector<std::string>& candidates);

}  // namespace hilum
