#include "eval/compare_reports.h"

#include <limits>
#include <set>
#include <unordered_map>

#include "base/error.h"
#include "eval/compare_metrics.h"
#include "eval/report_text.h"

namespace hilum {
namespace {

constexpr const char* kBaselineName = "most common report";

void check_systems(const std::vector<System>& systems) {
  check(!systems.empty(), "evaluation", "no system's reports to score");
  std::set<std::string> names = {kBaselineName, "references"};
  for (const System& system : systems)
    check(names.insert(system.name).second, "evaluation", "two systems are called \"" + system.name + "\"", "Give each its own name.");
}

void refuse(const std::vector<MatchProblem>& problems) {
  if (problems.empty()) return;
  const MatchProblem& first = problems.front();
  throw Error(
      "evaluation",
      std::to_string(problems.size()) + " problems; the first: " + first.side + ", study \"" + first.study_id + "\": " + first.problem,
      "Mend the files, or leave --strict away to go on without these studies.");
}

// Always the report that most references are, with its boxes.
System baseline_of(const std::vector<MatchedStudy>& studies, Comparison& comparison) {
  std::vector<std::string> texts;
  for (const MatchedStudy& study : studies) texts.push_back(text_of(study.reference->findings, study.reference->report));
  const MostCommon common = most_common(texts);
  const Study& model = *studies[common.index].reference;
  comparison.most_common_report = texts[common.index];
  comparison.most_common_count = common.count;
  System baseline{kBaselineName, {}};
  for (const MatchedStudy& study : studies) {
    Report report;
    report.study_id = study.reference->study_id;
    report.findings = model.findings;
    report.report = model.report;
    baseline.reports.push_back(std::move(report));
  }
  return baseline;
}

void score_studies(CompareInput& input, Comparison& comparison) {
  for (size_t i = 0; i < input.references.size(); ++i) {
    const Study& reference = *input.references[i];
    const FoundBoxes truth = boxes_of(reference.findings);
    if (truth.num_invalid > 0)
      comparison.problems.push_back(
          {"references", reference.study_id, std::to_string(truth.num_invalid) + " boxes outside 0..1 or inverted, left out"});
    input.reference_texts.push_back(text_of(reference.findings, reference.report));
    ScoredStudy study{reference.study_id, label_report(input.reference_texts.back()), {}};
    for (size_t s = 0; s < input.reports.size(); ++s) {
      const Report& report = *input.reports[s][i];
      input.texts[s].push_back(text_of(report.findings, report.report));
      const FoundBoxes predicted = boxes_of(report.findings);
      if (predicted.num_invalid > 0)
        comparison.problems.push_back({comparison.systems[s], reference.study_id,
                                       std::to_string(predicted.num_invalid) + " boxes outside 0..1 or inverted, left out"});
      StudyScore score;
      if (!input.texts[s].back().empty()) score.labels = label_report(input.texts[s].back());
      else comparison.problems.push_back({comparison.systems[s], reference.study_id, "empty report, scored as saying nothing"});
      const StudyCells cells = study_cells(study.labels, score.labels, labels_14(), input.options.uncertain);
      score.label_f1 = score_cells(std::span(&cells, 1), labels_14()).micro_f1;
      score.boxes = box_overlap(predicted.boxes, truth.boxes);
      score.not_well_formed = not_well_formed(report);
      study.systems.push_back(std::move(score));
    }
    input.studies.push_back(std::move(study));
  }
}

BootstrapOptions bootstrap_options(const CompareInput& input) {
  BootstrapOptions options;
  options.rounds = input.options.rounds, options.seed = input.options.seed;
  if (!input.options.by_patient) return options;
  std::unordered_map<std::string, uint32_t> patients;
  for (const Study* reference : input.references) {
    check(!reference->patient_id.empty(), "evaluation", "study \"" + reference->study_id + "\" has no patient_id",
          "Draw studies instead of patients, or add it.");
    options.cluster_of.push_back(patients.emplace(reference->patient_id, static_cast<uint32_t>(patients.size())).first->second);
  }
  return options;
}

// Every metric of every system, then the differences, from the same draws.
std::vector<MetricRow> resample(const CompareInput& input, const std::vector<Metric>& metrics) {
  const size_t num_systems = input.reports.size(), width = 2 * num_systems - 1;
  bool first_call = true;  // bootstrap() asks for all studies first
  const Metrics compute = [&](std::span<const uint32_t> which, std::span<double> values) {
    for (size_t m = 0; m < metrics.size(); ++m) {
      double* row = &values[m * width];
      const bool wanted = first_call || metrics[m].resampled;
      for (size_t s = 0; s < num_systems; ++s) row[s] = wanted ? metrics[m].value(s, which) : std::numeric_limits<double>::quiet_NaN();
      for (size_t s = 1; s < num_systems; ++s) row[num_systems + s - 1] = row[0] - row[s];
    }
    first_call = false;
  };
  const auto intervals =
      bootstrap(static_cast<uint32_t>(input.studies.size()), static_cast<int>(metrics.size() * width), compute, bootstrap_options(input));
  std::vector<MetricRow> rows;
  for (size_t m = 0; m < metrics.size(); ++m) {
    const auto first = intervals.begin() + static_cast<std::ptrdiff_t>(m * width);
    const auto middle = first + static_cast<std::ptrdiff_t>(num_systems);
    rows.push_back({metrics[m].group, metrics[m].name, {first, middle}, {middle, first + static_cast<std::ptrdiff_t>(width)}});
  }
  return rows;
}

}  // namespace

Comparison compare_reports(const std::vector<Study>& references, const std::vector<System>& systems, const CompareOptions& options) {
  check_systems(systems);
  Comparison comparison;
  comparison.options = options;
  comparison.num_references = static_cast<int64_t>(references.size());
  Matching matching = match_studies(references, systems);
  comparison.problems = std::move(matching.problems);
  check(!matching.studies.empty(), "evaluation", "no study has both a reference with text and a report of every system",
        "Do the study ids of the two files agree?");
  CompareInput input;
  input.options = options;
  System baseline;
  if (options.baseline) baseline = baseline_of(matching.studies, comparison);
  for (const System& system : systems) comparison.systems.push_back(system.name);
  if (options.baseline) comparison.systems.push_back(baseline.name);
  input.reports.resize(comparison.systems.size());
  input.texts.resize(comparison.systems.size());
  for (size_t i = 0; i < matching.studies.size(); ++i) {
    input.references.push_back(matching.studies[i].reference);
    for (size_t s = 0; s < systems.size(); ++s) input.reports[s].push_back(matching.studies[i].reports[s]);
    if (options.baseline) input.reports.back().push_back(&baseline.reports[i]);
  }
  score_studies(input, comparison);
  if (options.strict) refuse(comparison.problems);
  comparison.metrics = resample(input, compare_metrics(input));
  for (size_t s = 0; s < input.reports.size(); ++s)
    comparison.labels.push_back(score_cells(cells_of(input, s, labels_14()), labels_14()));
  comparison.studies = std::move(input.studies);
  return comparison;
}

}  // namespace hilum
