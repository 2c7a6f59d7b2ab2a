// The side that words name.
#pragma once

#include <string>

#include "report/finding_codes.h"

namespace hilum {

// Of text in lower case: "bilateral" or "both" before a single "left" or "right"; where both stand, none is named (both
// are meant, or one is told from the other).
FindingSide named_side(const std::string& text);

}  // namespace hilum
