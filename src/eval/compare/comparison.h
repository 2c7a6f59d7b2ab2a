// What a comparison of reports is asked (options) and what it finds (rows of numbers): the types that the steps of
// compare_reports.h hand to each other and that compare_output.h presents.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "eval/boxes/box_scores.h"
#include "eval/boxes/radfact_verdicts.h"
#include "eval/compare/annotate.h"
#include "eval/labels/label_scores.h"
#include "eval/problems.h"
#include "eval/stats/bootstrap.h"

namespace hilum {

enum class SplitBy { kNothing, kSex, kAge, kView };

struct CompareOptions {
  Uncertain uncertain = Uncertain::kNegative;
  int rounds = 1000;  // bootstrap
  uint64_t seed = 0;
  bool by_patient = false;         // draw patients instead of studies; needs patient_id on every scored reference
  bool strict = false;             // refuse (Error) what would be left out
  bool baseline = true;            // adds a system that always gives the most common reference report
  bool box_completion = false;     // the systems' sentences are the references', only the boxes are theirs
  SplitBy by = SplitBy::kNothing;  // the numbers once more for each group of studies
  ReportModels models;
  std::shared_ptr<const RadFactVerdicts> verdicts;  // RadFact by these instead of equal sentences
};

// One number for every system, and the first system's minus each other's, from the same draws.
struct MetricRow {
  std::string group;                  // the variant, e.g. "CheXpert-style rules, uncertain as negative"
  std::string name;                   // e.g. "label micro-F1, 14 labels"
  std::vector<Interval> systems;      // NaN: not defined
  std::vector<Interval> differences;  // systems[0] - systems[1], systems[0] - systems[2], ...
  double highest = 1;                 // the scale is 0..highest
};

// The same numbers of some of the studies.
struct CompareGroup {
  std::string name;  // e.g. "F", "40-59 years", "frontal + lateral"; "not given" where a study does not say
  int64_t num_studies = 0;
  std::vector<MetricRow> metrics;
};

// One study under one system.
struct StudyScore {
  Labels labels;                // by the labeler, of the system's text; empty for an empty text
  double label_f1 = 0;          // of this study's 14 cells
  BoxOverlap boxes;             // unions over the study
  std::string not_well_formed;  // why; empty: it is
};

struct ScoredStudy {
  std::string study_id;
  Labels labels;  // of the reference text
  std::vector<StudyScore> systems;
};

struct Comparison {
  CompareOptions options;
  std::vector<std::string> systems;  // the baseline last
  int64_t num_references = 0;
  std::vector<Problem> problems;
  std::vector<MetricRow> metrics;
  std::vector<CompareGroup> groups;  // in the order of their names; empty without options.by
  std::vector<LabelScores> labels;   // one a system, the 14 labels
  std::string most_common_report;    // what the baseline says, and of how many scored references it is the text
  int64_t most_common_count = 0;
  std::vector<ScoredStudy> studies;
};

}  // namespace hilum
