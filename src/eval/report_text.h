// What evaluation takes from a study and from a report: its text, its boxes, and whether it is well formed.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "data/study.h"
#include "report/report.h"

namespace hilum {

// The findings' sentences joined by blanks; the plain report where there are none. White space is collapsed, case kept.
std::string text_of(const std::vector<Finding>& findings, const std::optional<std::string>& report);

// The same as it was written, line ends and all.
std::string lines_of(const std::vector<Finding>& findings, const std::optional<std::string>& report);

// Every valid box of the findings, with the number of those left out (not finite, outside 0..1 or inverted).
struct FoundBoxes {
  std::vector<BoxNorm> boxes;
  int num_invalid = 0;
};
FoundBoxes boxes_of(const std::vector<Finding>& findings);

// Why a model's report is not well formed; empty when it is: it ended by itself (finish "stop"), says something, each
// finding has a text, no box list is empty, every box is finite, within 0..1, not inverted and wider and higher than 0.
std::string not_well_formed(const Report& report);

// The text that most of `texts` are; of equally frequent ones the first. `index` is where it first stands.
struct MostCommon {
  size_t index = 0;
  int64_t count = 0;
};
MostCommon most_common(std::span<const std::string> texts);

}  // namespace hilum
