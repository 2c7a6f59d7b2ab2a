// `hilum eval reports`: the reports of one or more systems against reference studies. Text, labels and boxes in,
// numbers out.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "eval/boxes/box_scores.h"
#include "eval/boxes/radfact_verdicts.h"
#include "eval/compare/match_studies.h"
#include "eval/graphs/radgraph.h"
#include "eval/labels/label_scores.h"
#include "eval/stats/bootstrap.h"

namespace hilum {

enum class SplitBy { kNothing, kSex, kAge, kView };

// Models that read the reports' texts. Empty: labels by the rules, no graphs.
struct ReportModels {
  std::string labeler;  // "CheXbert"
  std::function<std::vector<Labels>(std::span<const std::string> texts)> label;
  std::string grapher;  // "RadGraph (radgraph-xl)": scores of different models do not compare
  std::function<RadGraph(const std::string& text)> graph;

  std::string labels_by() const { return label ? labeler : kRulesName; }
};

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
};

// The same numbers of some studies alone.
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

// A study's group. Ages: 0-17, 18-39, 40-59, 60-79 and 80+ years.
std::string group_of(const Study& study, SplitBy by);

// Every system is scored on the studies that all of them answered; everything left out stands in `problems`. Text: the
// findings' sentences, or the plain report. An empty report has no labels at all (not even No Finding). Throws Error
// for no system, two of one name, nothing left to score, and, when strict, for any problem. `problems`: those of
// reading the files.
Comparison compare_reports(const std::vector<Study>& references, const std::vector<System>& systems,
    const CompareOptions& options = {}, std::vector<Problem> problems = {});

// For the terminal: numbers with intervals under the name of their variant, differences, labels, problems (the first
// 20).
std::string comparison_table(const Comparison& comparison);

// Everything, schema "hilum.eval.reports/1". Undefined numbers are null. `with_studies` adds the per-study rows.
Json comparison_json(const Comparison& comparison, bool with_studies = true);

}  // namespace hilum
