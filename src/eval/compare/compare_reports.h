// `hilum eval reports`: the reports of one or more systems against reference studies. Text, labels and boxes in,
// numbers out. The steps, each in a file of its name: read_system, match_studies (and baseline), annotate,
// compare_metrics, resample, compare_output.
#pragma once

#include <vector>

#include "eval/compare/comparison.h"
#include "eval/compare/match_studies.h"

namespace hilum {

// Every system is scored on the studies that all of them answered; everything left out stands in `problems`. Text: the
// findings' sentences, or the plain report. An empty report has no labels at all (not even No Finding). Throws Error
// for no system, two of one name, nothing left to score, and, when strict, for any problem. `problems`: those of
// reading the files.
Comparison compare_reports(const std::vector<Study>& references, const std::vector<System>& systems,
    const CompareOptions& options = {}, std::vector<Problem> problems = {});

}  // namespace hilum
