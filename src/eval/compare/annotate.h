// Reads what the metrics need of every report. A text is read once, however many studies and systems have it: normal
// reports repeat, the baseline gives one text to every study, and the labeler may be a network. Boxes belong to a
// report, not to its text: two reports of equal words may point at different places.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "eval/boxes/box_scores.h"
#include "eval/compare/match_studies.h"
#include "eval/graphs/radgraph.h"
#include "eval/labels/chexpert_rules.h"
#include "eval/problems.h"

namespace hilum {

// Models that read the reports' texts. Empty: labels by the rules, no graphs.
struct ReportModels {
  std::string labeler;  // "CheXbert"
  std::function<std::vector<Labels>(std::span<const std::string> texts)> label;
  std::string grapher;  // "RadGraph (radgraph-xl)": scores of different models do not compare
  std::function<RadGraph(const std::string& text)> graph;

  std::string labels_by() const { return label ? labeler : kRulesName; }
};

// One text. An empty one has no labels at all (not even No Finding) and an empty graph.
struct Annotation {
  std::string text;   // white space collapsed
  std::string lines;  // as it was written, where a word is broken at a line end ("left-\\nsided"), else the same
  Labels labels;
  RadGraph graph;  // empty without models.graph
};

// One system's report on a study.
struct AnnotatedReport {
  const Report* report = nullptr;
  size_t text = 0;              // index of its Annotation
  BoxOverlap boxes;             // the union of its valid boxes against the union of the reference's
  std::string not_well_formed;  // why; empty: it is
};

struct AnnotatedStudy {
  const Study* reference = nullptr;
  size_t text = 0;                       // index of the reference's Annotation
  std::vector<AnnotatedReport> reports;  // one a system
};

struct AnnotatedStudies {
  std::vector<Annotation> texts;        // each text once
  std::vector<AnnotatedStudy> studies;  // in the order of the matched ones
  size_t num_systems() const { return studies.empty() ? 0 : studies[0].reports.size(); }
};

// `systems` are the names of a study's reports, for `problems`: boxes that are left out, empty reports.
AnnotatedStudies annotate(const std::vector<MatchedStudy>& studies, const std::vector<std::string>& systems,
    const ReportModels& models, std::vector<Problem>& problems);

}  // namespace hilum
