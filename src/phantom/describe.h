// What a set of phantoms holds: how often each finding, how plain to see, how large its boxes (the table of
// docs/phantom.md).
#pragma once

#include <string>
#include <vector>

#include "data/phantom_truth.h"

namespace hilum {

struct ContrastSpread {
  int64_t findings = 0;
  double low = 0, median = 0, high = 0;  // of contrast-to-noise: 5, 50, 95 %
  std::vector<double> sorted;
};

struct KindDescription {
  std::string kind;
  double rate = 0;  // share of studies whose film shows it
  ContrastSpread subtle, clear;
  double box_area = 0;  // median share of the film one box covers
};

struct PhantomDescription {
  int64_t studies = 0;
  double normal = 0, prior = 0, lateral = 0, lateral_only = 0;  // shares of studies; normal: no finding but devices
  double subtle = 0;                                            // share of findings, devices aside
  std::vector<KindDescription> kinds;
};

PhantomDescription describe_phantoms(const std::vector<StudyTruth>& truth);
std::string description_table(const PhantomDescription& description);

}  // namespace hilum
