// What evaluation could not use. Nothing is left out in silence: every such row is one of these, shown, counted and
// refused with --strict.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"

namespace hilum {

struct Problem {
  std::string side;      // "references", a system's name, or a file
  std::string study_id;  // empty: the row has none
  std::string problem;   // e.g. "no report", "study id given twice, the first is used"
  int64_t row = 0;       // line of the file, from 1; 0: not of one line
};

// "model: line 12: study "p7": no report, left out"
std::string problem_text(const Problem& problem);
// Empty without problems; else how many, and the first 20.
std::string problems_text(const std::vector<Problem>& problems);
Json problems_json(const std::vector<Problem>& problems);
// What --strict does: throws Error naming the first problem and how many there are; nothing without problems.
void refuse(const std::vector<Problem>& problems);

}  // namespace hilum
