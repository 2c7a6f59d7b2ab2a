// What a report says about a scene: sentences, labels, impression and dialogues, from a small grammar. Only the scene
// decides what is stated; chance chooses the wording.
#pragma once

#include <string>
#include <vector>

#include "phantom/findings.h"

namespace hilum::phantom {

struct ReportInput {
  std::vector<FindingSpec> specs;           // today's, resolved ones included
  std::vector<std::vector<BoxNorm>> boxes;  // per spec; empty: no box
  bool has_prior = false;                   // without it no sentence speaks of change
};

struct WrittenReport {
  std::vector<Finding>
      findings;  // 4 to 8 sentences in a fixed order: devices, heart, mediastinum, oedema, lungs, pleura, bones
  std::string impression;
  std::map<std::string, int>
      labels;  // 1 and 0, only what is stated; "No Finding" 1 when nothing but devices is positive
  std::vector<Dialogue> dialogues;
};

WrittenReport write_report(const ReportInput& input, Rng& rng);

// The sentences in one line.
std::string join_findings(const std::vector<Finding>& findings);

}  // namespace hilum::phantom
