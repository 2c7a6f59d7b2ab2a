// `hilum eval labels`: labels or scores of a classifier (or a reader) against reference labels, per label and over
// labels; and measured values against measured values. Every number with a bootstrap interval over studies (evaluation
// sheet 1.7, 6.1, 6.4, 6.5).
#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "eval/labels/label_scores.h"
#include "eval/labels/label_table.h"
#include "eval/stats/bootstrap.h"
#include "eval/stats/roc.h"
#include "plot/line_plot.h"

namespace hilum {

// What is computed of each label. All in 0..1; not defined (NaN) where the denominator is 0, never 0 instead.
enum LabelMetric {
  kAuroc,
  kAveragePrecision,
  kAccuracy,
  kSensitivity,
  kSpecificity,
  kPpv,
  kNpv,
  kF1,
  kNumLabelMetrics
};
const char* label_metric_name(LabelMetric metric);

struct LabelEvalOptions {
  Uncertain uncertain = Uncertain::kNegative;
  double threshold = 0.5;            // score >= threshold is a positive decision
  int64_t min_cases = 0;             // labels with fewer positive references are left out
  std::vector<std::string> labels;   // these only; empty: every column the two files share
  std::vector<std::string> targets;  // columns that are measurements (bone age in months): mean absolute error
  int rounds = 1000;
  uint64_t seed = 0;
  bool strict = false;
};

struct LabelResult {
  std::string label;
  int64_t kept = 0, positives = 0;  // cells scored; of them positive in the reference
  bool has_scores = false;          // else the predictions are decisions: no AUROC, no average precision
  LabelCounts counts;               // at the threshold
  std::array<Interval, kNumLabelMetrics> metrics;
  RankedScores ranked;  // of the kept cells
};

struct TargetResult {
  std::string target;
  int64_t kept = 0;
  Interval mean_absolute_error, mean_error;  // in the column's unit; error = predicted - reference
};

struct ExcludedLabel {
  std::string label, why;
};

// Means over labels, of those where the metric is defined.
struct MeanResult {
  std::string name;                                     // "all 14 labels", "5 labels of the CheXpert competition", ...
  std::array<Interval, kNumLabelMetrics> metrics;       // mAUC is the mean of AUROC
  std::array<int64_t, kNumLabelMetrics> num_defined{};  // labels in each mean
  // Draws that left one of these labels undefined, so that their mean is over fewer.
  std::array<int64_t, kNumLabelMetrics> draws_of_fewer{};
  int64_t num_labels = 0;
};

struct LabelEvaluation {
  LabelEvalOptions options;
  std::string predictions, references;  // names of the files
  int64_t num_studies = 0, num_references = 0, cells = 0, cells_kept = 0;
  std::vector<LabelResult> labels;
  std::vector<MeanResult> means;
  Interval micro_f1;  // counts of all labels added
  std::vector<TargetResult> targets;
  std::vector<ExcludedLabel> excluded;  // a label without a reason in it is nowhere left out
  std::vector<Problem> problems;
};

// Labels of the reference are 1, 0, -1 or blank. A label's predictions are decisions when all are 1, 0, -1 or blank,
// else scores. Blank is negative on both sides (a score that is missing leaves its cell out), or left out under
// Uncertain::kDrop. Studies on one side alone are problems. `problems`: those of reading. Throws Error when nothing is
// left to score, for an unknown name in options, and when strict for any problem.
LabelEvaluation evaluate_labels(const LabelTable& predictions, const LabelTable& references,
    const LabelEvalOptions& options = {}, std::vector<Problem> problems = {});

std::string label_evaluation_table(const LabelEvaluation& evaluation);
// Schema "hilum.eval.labels/1"; undefined numbers are null.
Json label_evaluation_json(const LabelEvaluation& evaluation);
// A panel for each label that has both classes: its ROC curve where there are scores, and where its decisions stand.
std::vector<LinePlot> roc_plots(const LabelEvaluation& evaluation);

}  // namespace hilum
