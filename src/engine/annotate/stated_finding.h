// What a sentence of a report states as present, by the CheXpert-style rules: what gets a code in FHIR and DICOM SR.
#pragma once

#include <optional>
#include <string>

#include "report/finding_codes.h"

namespace hilum {

// A code only where the sentence leaves no choice: one observation of the rules is present, none is uncertain, and its
// words name one code of the table. What is said to be absent beside it does not matter; "No Finding" is not an
// observation here. The side is the one the same clause names: a single "left" or "right", or "bilateral", "both".
std::optional<StatedFinding> stated_finding(const std::string& sentence);

}  // namespace hilum
