#include "eval/compare/compare_reports.h"

#include <set>

#include <fmt/format.h>

#include "base/error.h"
#include "eval/compare/baseline.h"
#include "eval/compare/resample.h"

namespace hilum {
namespace {

void check_systems(const std::vector<System>& systems) {
  check(!systems.empty(), "evaluation", "no system's reports to score");
  std::set<std::string> names = {kBaselineName, "references"};
  for (const System& system : systems)
    check(names.insert(system.name).second, "evaluation", fmt::format("two systems are called \"{}\"", system.name),
        "Give each its own name.");
}

// What is told of every study by itself; `cells` are of the 14 labels.
std::vector<ScoredStudy> study_scores(const AnnotatedStudies& annotated, const PerReport<StudyCells>& cells) {
  std::vector<ScoredStudy> scored;
  for (size_t i = 0; i < annotated.studies.size(); ++i) {
    const AnnotatedStudy& study = annotated.studies[i];
    ScoredStudy one{.study_id = study.reference->study_id, .labels = annotated.texts[study.text].labels, .systems = {}};
    for (size_t s = 0; s < study.reports.size(); ++s)
      one.systems.push_back({.labels = annotated.texts[study.reports[s].text].labels,
          .label_f1 = micro_f1(std::span(&cells[s][i], 1), {}),
          .boxes = study.reports[s].boxes,
          .not_well_formed = study.reports[s].not_well_formed});
    scored.push_back(std::move(one));
  }
  return scored;
}

}  // namespace

Comparison compare_reports(const std::vector<Study>& references, const std::vector<System>& systems,
    const CompareOptions& options, std::vector<Problem> problems) {
  check_systems(systems);
  Comparison comparison;
  comparison.options = options;
  comparison.num_references = static_cast<int64_t>(references.size());
  for (const System& system : systems) comparison.systems.push_back(system.name);

  Matching matching = match_studies(references, systems);
  problems.insert(problems.end(), matching.problems.begin(), matching.problems.end());
  check(!matching.studies.empty(), "evaluation", "no study has both a reference with text and a report of every system",
      "Do the study ids of the two files agree?");
  Baseline baseline;
  if (options.baseline) {
    baseline = baseline_of(matching.studies);
    for (MatchedStudy& study : matching.studies) study.reports.push_back(&baseline.report);
    comparison.systems.push_back(kBaselineName);
    comparison.most_common_report = baseline.text;
    comparison.most_common_count = baseline.count;
  }

  const AnnotatedStudies annotated = annotate(matching.studies, comparison.systems, options.models, problems);
  MetricInput input{.options = options, .annotated = annotated, .judged = {}};
  if (options.verdicts) input.judged = judge_by_verdicts(annotated, comparison.systems, *options.verdicts, problems);
  if (options.strict) refuse(problems);
  comparison.problems = std::move(problems);

  const std::vector<Metric> metrics = compare_metrics(input);
  comparison.metrics = resample(metrics, annotated.studies, options);
  comparison.groups = resample_groups(metrics, annotated.studies, options);

  const PerReport<StudyCells> cells = label_cells(annotated, labels_14(), options.uncertain);
  for (const std::vector<StudyCells>& of_system : cells)
    comparison.labels.push_back(score_cells(of_system, labels_14()));
  comparison.studies = study_scores(annotated, cells);
  return comparison;
}

}  // namespace hilum
