// What is doubtful about a phrase that a model is asked to locate, and about the boxes it answers with. A model writes
// a box for nearly every phrase; these sentences tell people which of them to distrust.
#pragma once

#include <string>
#include <vector>

#include "report/report.h"

namespace hilum {

// Warnings for a report's list: the phrase names no finding that the CheXpert-style rules know (their 14 observations
// and what else they count as abnormal), or only says that findings are absent.
std::vector<std::string> doubts_of_phrase(const std::string& phrase);

// Where the phrase names one side, and a box lies wholly in the other half of what the model saw (`used`, px of the
// original; the patient's left is on the image's right). Mirrored organs and films do that too: a warning, no verdict.
std::vector<std::string> doubts_of_sides(const std::string& phrase, const Report& report);

}  // namespace hilum
