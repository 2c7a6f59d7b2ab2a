// Brings references and the reports of several systems together by study id. What does not match is listed, never
// dropped in silence.
#pragma once

#include <string>
#include <vector>

#include "data/study.h"
#include "eval/problems.h"
#include "report/report.h"

namespace hilum {

// One system's reports, e.g. a model, the same model with a blank image.
struct System {
  std::string name;
  std::vector<Report> reports;
};

// A reference that every system answered. Pointers into the arguments of match_studies.
struct MatchedStudy {
  const Study* reference = nullptr;
  std::vector<const Report*> reports;  // one a system
};

struct Matching {
  std::vector<MatchedStudy> studies;  // in the references' order
  std::vector<Problem> problems;
};

// A study is matched when the reference has text and every system has a report for it, so that all systems are scored
// on the same studies. An empty report is still a report.
Matching match_studies(const std::vector<Study>& references, const std::vector<System>& systems);

}  // namespace hilum
