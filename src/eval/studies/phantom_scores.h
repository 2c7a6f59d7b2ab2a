// How right reports about phantoms are against the scene itself: each kind of finding by its contrast, changes since
// the prior, sides.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "data/phantom_truth.h"
#include "eval/stats/bootstrap.h"
#include "plot/line_plot.h"
#include "report/report.h"

namespace hilum {

struct ContrastBin {
  double contrast = 0;  // mean contrast-to-noise of its findings
  int64_t findings = 0;
  double recall = 0;      // share of its findings that the reports state (kind, and a side that does not contradict)
  double f1 = 0;          // of this recall and the kind's precision over all studies
  double box_recall = 0;  // share of its findings' box pixels that boxes of sentences of the kind cover
};

struct KindScore {
  std::string kind;
  int64_t positives = 0, stated = 0,
          right = 0;  // findings that show, statements, statements with a finding of the kind in the study
  double precision = 0, recall = 0, f1 = 0;  // NaN where not defined
  double box_precision = 0, box_recall = 0;  // pixels of all studies added
  std::vector<ContrastBin> bins;             // by contrast, equally filled, low first; kinds of few findings have one
};

// Findings of studies with a prior, by the change they underwent and the change word they are stated with.
struct ChangeRow {
  std::string change;  // "new", "larger", "smaller", "unchanged", "resolved"
  int64_t findings = 0;
  std::map<std::string, int64_t> stated;  // by change word, "" without one; findings that are not stated are in none
};

struct PhantomScores {
  int64_t studies = 0, with_prior = 0, missing = 0;  // missing: no report for the study
  std::vector<KindScore> kinds;
  // Studies with a prior whose every change word about a finding of the scene is right ("new" where it is new, ...),
  // and that claim no change of a finding that is not there.
  Interval change_right;
  // Findings of studies with a prior that are stated with the right change word, of all findings there (a missed one
  // counts as wrong).
  Interval change_found;
  std::vector<ChangeRow> changes;          // in the order above
  int64_t change_words_without_prior = 0;  // sentences with a change word in studies that have no prior
  // Boxed sentences with "right", "left" or both sides whose boxes lie on that side (devices, which cross the midline,
  // aside).
  Interval side_right;
  Interval lateral_only_found;  // findings seen on the lateral alone that are stated; not defined without any
  int64_t side_sentences = 0, lateral_only = 0;
};

// Reports are matched by study id; studies without one count as missing and as empty reports.
PhantomScores score_phantoms(
    const std::vector<StudyTruth>& truth, const std::vector<Report>& reports, const BootstrapOptions& options = {});

std::string phantom_scores_table(const PhantomScores& scores);
Json phantom_scores_json(const PhantomScores& scores);  // schema "hilum.eval.phantoms/1"; undefined numbers are null
// A panel for each kind that has findings: F1 and box recall against contrast-to-noise.
std::vector<LinePlot> contrast_plots(const PhantomScores& scores);

}  // namespace hilum
