#include "eval/compare/compare_reports.h"

#include <limits>
#include <map>
#include <numeric>
#include <set>
#include <unordered_map>

#include "base/error.h"
#include "base/progress.h"
#include "eval/compare/compare_metrics.h"
#include "eval/report_text.h"

namespace hilum {
namespace {

constexpr const char* kBaselineName = "most common report";

void check_systems(const std::vector<System>& systems) {
  check(!systems.empty(), "evaluation", "no system's reports to score");
  std::set<std::string> names = {kBaselineName, "references"};
  for (const System& system : systems)
    check(names.insert(system.name).second, "evaluation", "two systems are called \"" + system.name + "\"",
        "Give each its own name.");
}

// Always the report that most references are, with its boxes.
System baseline_of(const std::vector<MatchedStudy>& studies, Comparison& comparison) {
  std::vector<std::string> texts;
  for (const MatchedStudy& study : studies)
    texts.push_back(text_of(study.reference->findings, study.reference->report));
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
  Progress progress("label", static_cast<int64_t>(input.references.size()), "studies");
  for (size_t i = 0; i < input.references.size(); ++i) {
    progress.update(static_cast<int64_t>(i));
    const Study& reference = *input.references[i];
    const FoundBoxes truth = boxes_of(reference.findings);
    if (truth.num_invalid > 0)
      comparison.problems.push_back({"references", reference.study_id,
          std::to_string(truth.num_invalid) + " boxes outside 0..1 or inverted, left out"});
    input.reference_texts.push_back(text_of(reference.findings, reference.report));
    ScoredStudy study{
        reference.study_id, label_report(input.reference_texts.back()), {}};  // read_texts() may know better
    for (size_t s = 0; s < input.reports.size(); ++s) {
      const Report& report = *input.reports[s][i];
      input.texts[s].push_back(text_of(report.findings, report.report));
      const FoundBoxes predicted = boxes_of(report.findings);
      if (predicted.num_invalid > 0)
        comparison.problems.push_back({comparison.systems[s], reference.study_id,
            std::to_string(predicted.num_invalid) + " boxes outside 0..1 or inverted, left out"});
      StudyScore score;
      if (!input.texts[s].back().empty()) score.labels = label_report(input.texts[s].back());
      else
        comparison.problems.push_back(
            {comparison.systems[s], reference.study_id, "empty report, scored as saying nothing"});
      const StudyCells cells = study_cells(study.labels, score.labels, labels_14(), input.options.uncertain);
      score.label_f1 = score_cells(std::span(&cells, 1), labels_14()).micro_f1;
      score.boxes = box_overlap(predicted.boxes, truth.boxes);
      score.not_well_formed = not_well_formed(report);
      study.systems.push_back(std::move(score));
    }
    input.studies.push_back(std::move(study));
  }
}

// Labels and graphs by models, every distinct text once.
void read_texts(CompareInput& input) {
  const ReportModels& models = input.options.models;
  if (!models.label && !models.graph) return;
  std::map<std::string, size_t> index;
  std::vector<std::string> distinct;
  const auto number = [&](const std::string& text) {
    const auto [at, is_new] = index.emplace(text, distinct.size());
    if (is_new) distinct.push_back(text);
    return at->second;
  };
  for (const std::string& text : input.reference_texts) number(text);
  for (const auto& texts : input.texts)
    for (const std::string& text : texts) number(text);
  if (models.label) {
    const std::vector<Labels> labels = models.label(distinct);
    invariant(labels.size() == distinct.size(), "a labeler gives each text its labels");
    for (size_t i = 0; i < input.studies.size(); ++i) {
      input.studies[i].labels = labels[number(input.reference_texts[i])];
      for (size_t s = 0; s < input.texts.size(); ++s) {
        StudyScore& score = input.studies[i].systems[s];
        if (!input.texts[s][i].empty()) score.labels = labels[number(input.texts[s][i])];
        const StudyCells cells =
            study_cells(input.studies[i].labels, score.labels, labels_14(), input.options.uncertain);
        score.label_f1 = score_cells(std::span(&cells, 1), labels_14()).micro_f1;
      }
    }
  }
  if (!models.graph) return;
  Progress progress("RadGraph", static_cast<int64_t>(distinct.size()), "reports");
  std::vector<RadGraph> graphs;
  for (const std::string& text : distinct) {
    graphs.push_back(models.graph(text));
    progress.update(static_cast<int64_t>(graphs.size()));
  }
  input.graphs.resize(input.texts.size());
  for (size_t i = 0; i < input.studies.size(); ++i) {
    input.reference_graphs.push_back(graphs[number(input.reference_texts[i])]);
    for (size_t s = 0; s < input.texts.size(); ++s) input.graphs[s].push_back(graphs[number(input.texts[s][i])]);
  }
}

BootstrapOptions bootstrap_options(const CompareInput& input, const std::vector<uint32_t>& studies) {
  BootstrapOptions options;
  options.rounds = input.options.rounds, options.seed = input.options.seed;
  if (!input.options.by_patient) return options;
  std::unordered_map<std::string, uint32_t> patients;
  for (const uint32_t study : studies) {
    const Study* reference = input.references[study];
    check(!reference->patient_id.empty(), "evaluation", "study \"" + reference->study_id + "\" has no patient_id",
        "Draw studies instead of patients, or add it.");
    options.cluster_of.push_back(
        patients.emplace(reference->patient_id, static_cast<uint32_t>(patients.size())).first->second);
  }
  return options;
}

// Every metric of every system over some of the studies, then the differences, from the same draws.
std::vector<MetricRow> resample(
    const CompareInput& input, const std::vector<Metric>& metrics, const std::vector<uint32_t>& studies) {
  const size_t num_systems = input.reports.size(), width = 2 * num_systems - 1;
  bool first_call = true;  // bootstrap() asks for all studies first
  std::vector<uint32_t> drawn;
  const Metrics compute = [&](std::span<const uint32_t> which, std::span<double> values) {
    drawn.clear();
    for (const uint32_t i : which) drawn.push_back(studies[i]);
    for (size_t m = 0; m < metrics.size(); ++m) {
      double* row = &values[m * width];
      const bool wanted = first_call || metrics[m].resampled;
      for (size_t s = 0; s < num_systems; ++s)
        row[s] = wanted ? metrics[m].value(s, drawn) : std::numeric_limits<double>::quiet_NaN();
      for (size_t s = 1; s < num_systems; ++s) row[num_systems + s - 1] = row[0] - row[s];
    }
    first_call = false;
  };
  const auto intervals = bootstrap(static_cast<uint32_t>(studies.size()), static_cast<int>(metrics.size() * width),
      compute, bootstrap_options(input, studies));
  std::vector<MetricRow> rows;
  for (size_t m = 0; m < metrics.size(); ++m) {
    const auto first = intervals.begin() + static_cast<std::ptrdiff_t>(m * width);
    const auto middle = first + static_cast<std::ptrdiff_t>(num_systems);
    rows.push_back(
        {metrics[m].group, metrics[m].name, {first, middle}, {middle, first + static_cast<std::ptrdiff_t>(width)}});
  }
  return rows;
}

std::vector<CompareGroup> resample_groups(const CompareInput& input, const std::vector<Metric>& metrics) {
  std::map<std::string, std::vector<uint32_t>> members;
  for (uint32_t i = 0; i < input.references.size(); ++i)
    members[group_of(*input.references[i], input.options.by)].push_back(i);
  std::vector<CompareGroup> groups;
  for (const auto& [name, studies] : members)
    groups.push_back({name, static_cast<int64_t>(studies.size()), resample(input, metrics, studies)});
  return groups;
}

}  // namespace

std::string group_of(const Study& study, SplitBy by) {
  constexpr const char* kNotGiven = "not given";
  switch (by) {
    case SplitBy::kNothing: return "";
    case SplitBy::kSex: return study.sex.empty() ? kNotGiven : study.sex;
    case SplitBy::kAge: {
      if (!study.age_months) return kNotGiven;
      const int years = *study.age_months / 12;
      return years < 18   ? "0-17 years"
             : years < 40 ? "18-39 years"
             : years < 60 ? "40-59 years"
             : years < 80 ? "60-79 years"
                          : "80+ years";
    }
    case SplitBy::kView: {
      std::string views;
      for (const char* view : {"frontal", "lateral", "prior_frontal", "prior_lateral"})
        if (study.image(view)) views += (views.empty() ? "" : " + ") + std::string(view);
      return views.empty() ? kNotGiven : views;
    }
  }
  return "";
}

Comparison compare_reports(const std::vector<Study>& references, const std::vector<System>& systems,
    const CompareOptions& options, std::vector<Problem> problems) {
  check_systems(systems);
  Comparison comparison;
  comparison.options = options;
  comparison.num_references = static_cast<int64_t>(references.size());
  Matching matching = match_studies(references, systems);
  comparison.problems = std::move(problems);
  comparison.problems.insert(comparison.problems.end(), matching.problems.begin(), matching.problems.end());
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
  judge_by_verdicts(input, comparison);
  read_texts(input);
  if (options.strict) refuse(comparison.problems);
  const std::vector<Metric> metrics = compare_metrics(input);
  std::vector<uint32_t> all(input.studies.size());
  std::iota(all.begin(), all.end(), 0u);
  comparison.metrics = resample(input, metrics, all);
  if (options.by != SplitBy::kNothing) comparison.groups = resample_groups(input, metrics);
  for (size_t s = 0; s < input.reports.size(); ++s)
    comparison.labels.push_back(score_cells(cells_of(input, s, labels_14()), labels_14()));
  comparison.studies = std::move(input.studies);
  return comparison;
}

}  // namespace hilum
