// Label scores of reports: F1, precision and recall over chosen labels (evaluation sheet 2.4). A label counts as
// positive where it is 1; blank and 0 are negative; the policy says what -1 is.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "eval/labels/chexpert_rules.h"

namespace hilum {

// kNegative: LLaVA-Rad, MAIRA, CXR-RePaiR. kPositive: f1chexbert, vilmedic, RadEval. kDrop: CXR-LLaVA keeps a cell only
// if both sides are definite (1 or 0), so that blank cells, most of all, are left out. No Finding is never 0: under
// kDrop no cell of it can be wrong.
enum class Uncertain { kNegative, kPositive, kDrop };
const char* uncertain_name(Uncertain policy);  // "uncertain as negative (LLaVA-Rad, MAIRA)", ...

// The 14 of CheXpert, the 5 of its competition, the 13 without No Finding. In the labeler's column order.
const std::vector<std::string>& labels_14();
const std::vector<std::string>& labels_13();
const std::vector<std::string>& labels_5();
// The six findings that CXR-LLaVA's mean F1 on MIMIC and Indiana is of.
const std::vector<std::string>& labels_6();

// Counts of cells. Undefined ratios: F1 of 0/0 is 0 (as the papers' code has it), precision and recall have no value.
struct LabelCounts {
  int64_t tp = 0, fp = 0, fn = 0, tn = 0;
  double f1() const;
  std::optional<double> precision() const, recall() const;  // recall: sensitivity
  std::optional<double> specificity() const, accuracy() const;
  LabelCounts& operator+=(const LabelCounts& other);
};

struct LabelScores {
  std::vector<std::pair<std::string, LabelCounts>> per_label;
  LabelCounts total;                  // summed over labels: micro values
  double micro_f1 = 0, macro_f1 = 0;  // macro: mean of the labels' F1
  double weighted_f1 = 0;             // mean weighted by reference positives
  double samples_f1 = 0;              // mean of the studies' F1
  double subset_accuracy = 0;         // share of studies with every kept cell right
  int64_t num_studies = 0, cells_kept = 0, cells = 0;
};

// One study's cells as bits, label i of the chosen list being bit i: resampling reads only these.
struct StudyCells {
  uint32_t reference = 0, predicted = 0, kept = 0;
};

// Throws Error for more than 32 labels or a value other than 1, 0, -1.
StudyCells study_cells(
    const Labels& reference, const Labels& predicted, std::span<const std::string> labels, Uncertain policy);

// Scores of the studies at `which` (indices may repeat); all studies when empty.
LabelScores score_cells(
    std::span<const StudyCells> studies, std::span<const std::string> labels, std::span<const uint32_t> which = {});

// The same numbers alone, fast enough for resampling: the counts summed over labels (without tn), their F1, and the
// mean of the labels' F1.
LabelCounts total_counts(std::span<const StudyCells> studies, std::span<const uint32_t> which);
double micro_f1(std::span<const StudyCells> studies, std::span<const uint32_t> which);
double macro_f1(std::span<const StudyCells> studies, size_t num_labels, std::span<const uint32_t> which);
// One label's counts, and each label's.
LabelCounts one_label_counts(std::span<const StudyCells> studies, size_t label, std::span<const uint32_t> which);
std::vector<LabelCounts> label_counts(
    std::span<const StudyCells> studies, size_t num_labels, std::span<const uint32_t> which);

// `references[i]` and `predictions[i]` are one study. Throws Error where the counts differ.
LabelScores score_labels(std::span<const Labels> references, std::span<const Labels> predictions,
    std::span<const std::string> labels, Uncertain policy = Uncertain::kNegative);

}  // namespace hilum
