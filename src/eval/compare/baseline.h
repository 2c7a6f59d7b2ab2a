// The system that always gives the most common reference report: what a model has to beat.
#pragma once

#include <string>
#include <vector>

#include "eval/compare/match_studies.h"

namespace hilum {

inline constexpr const char* kBaselineName = "most common report";

struct Baseline {
  Report report;      // with the boxes of the first reference of this text
  std::string text;   // what it says
  int64_t count = 0;  // references of this text
};

// `studies`: at least one.
Baseline baseline_of(const std::vector<MatchedStudy>& studies);

}  // namespace hilum
