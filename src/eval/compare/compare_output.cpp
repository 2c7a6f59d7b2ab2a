#include "eval/compare/compare_output.h"

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "eval/text_table.h"

namespace hilum {
namespace {

std::string metrics_table(const Comparison& comparison) {
  TextTable table;
  std::vector<std::string> head = {""};
  head.insert(head.end(), comparison.systems.begin(), comparison.systems.end());
  table.row(std::move(head));
  std::string group;
  for (const MetricRow& metric : comparison.metrics) {
    if (metric.group != group) table.heading(group = metric.group);
    std::vector<std::string> row = {fmt::format("  {}", metric.name)};
    for (const Interval& interval : metric.systems) row.push_back(interval_text(interval));
    table.row(std::move(row));
  }
  return table.text();
}

std::string differences_table(const Comparison& comparison) {
  TextTable table;
  std::vector<std::string> head = {fmt::format("\"{}\" minus", comparison.systems[0])};
  head.insert(head.end(), comparison.systems.begin() + 1, comparison.systems.end());
  table.row(std::move(head));
  std::string group;
  for (const MetricRow& metric : comparison.metrics) {
    if (metric.systems[0].rounds == 0) continue;
    if (metric.group != group) table.heading(group = metric.group);
    std::vector<std::string> row = {fmt::format("  {}", metric.name)};
    for (const Interval& interval : metric.differences) row.push_back(interval_text(interval, true));
    table.row(std::move(row));
  }
  return table.text();
}

// Numbers that some draws leave undefined: their intervals are of the other draws.
std::string undefined_draws(const Comparison& comparison) {
  std::string out;
  for (const MetricRow& metric : comparison.metrics)
    for (size_t s = 0; s < metric.systems.size(); ++s)
      if (const Interval& interval = metric.systems[s];
          !std::isnan(interval.value) && interval.rounds > 0 && interval.rounds < comparison.options.rounds)
        out += fmt::format("  {}, \"{}\": {} of {} draws\n", metric.name, comparison.systems[s],
            comparison.options.rounds - interval.rounds, comparison.options.rounds);
  return out.empty() ? out : "\nnot defined in every draw (the interval is of the others)\n" + out;
}

// A system's numbers in every group of studies.
std::string groups_table(const Comparison& comparison, size_t system) {
  TextTable table;
  std::vector<std::string> head = {fmt::format("\"{}\" by group", comparison.systems[system])};
  for (const CompareGroup& group : comparison.groups)
    head.push_back(fmt::format("{} (n {})", group.name, group.num_studies));
  table.row(std::move(head));
  std::string variant;
  for (size_t m = 0; m < comparison.metrics.size(); ++m) {
    if (comparison.metrics[m].group != variant) table.heading(variant = comparison.metrics[m].group);
    std::vector<std::string> row = {fmt::format("  {}", comparison.metrics[m].name)};
    for (const CompareGroup& group : comparison.groups) row.push_back(interval_text(group.metrics[m].systems[system]));
    table.row(std::move(row));
  }
  return table.text();
}

std::string labels_table(const Comparison& comparison) {
  TextTable table;
  const bool definite_only = comparison.options.uncertain == Uncertain::kDrop;
  table.heading(fmt::format("Per label ({}): {} on both texts, {}",
      definite_only ? "cells kept: accuracy / sensitivity / specificity / F1" : "precision / recall / F1",
      comparison.options.models.labels_by(), uncertain_name(comparison.options.uncertain)));
  std::vector<std::string> head = {"", "positive references"};
  head.insert(head.end(), comparison.systems.begin(), comparison.systems.end());
  table.row(std::move(head));
  const auto optional = [](std::optional<double> value) { return value ? number_text(*value) : "-"; };
  for (size_t i = 0; i < comparison.labels[0].per_label.size(); ++i) {
    const auto& [name, first] = comparison.labels[0].per_label[i];
    std::vector<std::string> row = {fmt::format("  {}", name), std::to_string(first.tp + first.fn)};
    for (const LabelScores& scores : comparison.labels) {
      const LabelCounts& counts = scores.per_label[i].second;
      const bool has_f1 = !definite_only || counts.tp + counts.fp + counts.fn > 0;
      const std::string f1 = has_f1 ? number_text(counts.f1()) : "-";
      row.push_back(
          definite_only
              ? fmt::format("{}: {} / {} / {} / {}", counts.tp + counts.fp + counts.fn + counts.tn,
                    optional(counts.accuracy()), optional(counts.recall()), optional(counts.specificity()), f1)
              : fmt::format("{} / {} / {}", optional(counts.precision()), optional(counts.recall()), f1));
    }
    table.row(std::move(row));
  }
  return table.text();
}

Json system_interval(const std::string& name, const Interval& interval) {
  Json row = {{"system", name}};
  row.update(interval_json(interval));
  return row;
}

Json metrics_json(const Comparison& comparison, const std::vector<MetricRow>& metrics) {
  Json rows = Json::array();
  for (const MetricRow& metric : metrics) {
    Json row = {
        {"name", metric.name}, {"variant", metric.group}, {"systems", Json::array()}, {"differences", Json::array()}};
    for (size_t s = 0; s < metric.systems.size(); ++s)
      row["systems"].push_back(system_interval(comparison.systems[s], metric.systems[s]));
    for (size_t s = 0; s < metric.differences.size(); ++s) {
      row["differences"].push_back(system_interval(comparison.systems[0], metric.differences[s]));
      row["differences"].back()["minus"] = comparison.systems[s + 1];
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

Json study_json(const Comparison& comparison, const ScoredStudy& study) {
  Json systems = Json::array();
  for (size_t s = 0; s < study.systems.size(); ++s) {
    const StudyScore& score = study.systems[s];
    systems.push_back({{"system", comparison.systems[s]}, {"labels", score.labels}, {"label_f1", score.label_f1},
        {"box_precision", json_number(score.boxes.precision())}, {"box_recall", json_number(score.boxes.recall())},
        {"box_iou", json_number(score.boxes.iou())}, {"well_formed", score.not_well_formed.empty()}});
    if (!score.not_well_formed.empty()) systems.back()["why"] = score.not_well_formed;
  }
  return {{"study_id", study.study_id}, {"labels", study.labels}, {"systems", std::move(systems)}};
}

}  // namespace

std::string comparison_table(const Comparison& comparison) {
  const CompareOptions& options = comparison.options;
  std::string out = fmt::format("{} of {} studies scored; 95 % intervals from {} bootstrap draws of {} (seed {})\n",
      comparison.studies.size(), comparison.num_references, options.rounds, options.by_patient ? "patients" : "studies",
      options.seed);
  for (size_t s = 0; s < comparison.labels.size(); ++s)
    if (const LabelScores& scores = comparison.labels[s]; scores.cells_kept != scores.cells)
      out += fmt::format("label cells kept of \"{}\": {} of {} ({:.1f} %)\n", comparison.systems[s], scores.cells_kept,
          scores.cells, 100. * static_cast<double>(scores.cells_kept) / static_cast<double>(scores.cells));
  if (comparison.most_common_count > 0)
    out += fmt::format("most common report: the text of {} scored references\n", comparison.most_common_count);
  out += fmt::format("\n{}", metrics_table(comparison));
  if (comparison.systems.size() > 1) out += fmt::format("\n{}", differences_table(comparison));
  for (size_t s = 0; s < comparison.systems.size() && !comparison.groups.empty(); ++s)
    if (s + 1 < comparison.systems.size() || !options.baseline) out += fmt::format("\n{}", groups_table(comparison, s));
  out += fmt::format("\n{}", labels_table(comparison));
  out += undefined_draws(comparison);
  out += problems_text(comparison.problems);
  return out;
}

Json comparison_json(const Comparison& comparison, bool with_studies) {
  const CompareOptions& options = comparison.options;
  Json json = {{"schema", "hilum.eval.reports/1"}, {"references", comparison.num_references},
      {"scored", comparison.studies.size()}, {"uncertain", uncertain_name(options.uncertain)},
      {"bootstrap", {{"rounds", options.rounds}, {"seed", options.seed}, {"level", 0.95},
                        {"draws", options.by_patient ? "patients" : "studies"}}},
      {"systems", comparison.systems}};
  if (comparison.most_common_count > 0)
    json["most_common_report"] = {
        {"text", comparison.most_common_report}, {"references", comparison.most_common_count}};
  json["metrics"] = metrics_json(comparison, comparison.metrics);
  if (!comparison.groups.empty()) {
    json["groups"] = Json::array();
    for (const CompareGroup& group : comparison.groups)
      json["groups"].push_back(
          {{"name", group.name}, {"studies", group.num_studies}, {"metrics", metrics_json(comparison, group.metrics)}});
  }
  json["labels"] = Json::array();
  for (size_t s = 0; s < comparison.labels.size(); ++s) {
    const LabelScores& scores = comparison.labels[s];
    Json system = {{"system", comparison.systems[s]}, {"variant", comparison.options.models.labels_by()},
        {"cells", scores.cells}, {"cells_kept", scores.cells_kept}, {"per_label", Json::array()}};
    for (const auto& [name, counts] : scores.per_label)
      system["per_label"].push_back({{"label", name}, {"tp", counts.tp}, {"fp", counts.fp}, {"fn", counts.fn},
          {"tn", counts.tn}, {"precision", json_number(counts.precision())}, {"recall", json_number(counts.recall())},
          {"f1", counts.f1()}});
    json["labels"].push_back(std::move(system));
  }
  json["problems"] = problems_json(comparison.problems);
  if (with_studies) {
    json["studies"] = Json::array();
    for (const ScoredStudy& study : comparison.studies) json["studies"].push_back(study_json(comparison, study));
  }
  return json;
}

BarPlot comparison_bars(const Comparison& comparison) {
  BarPlot plot;
  plot.title = fmt::format("{} studies, 95 % bootstrap intervals", comparison.studies.size());
  plot.series = comparison.systems;
  const bool by_group = !comparison.groups.empty();
  if (by_group) {
    plot.title = fmt::format("{}: {}", comparison.systems[0], plot.title);
    plot.series.clear();
    for (const CompareGroup& group : comparison.groups)
      plot.series.push_back(fmt::format("{} (n {})", group.name, group.num_studies));
  }
  std::string variant;
  for (size_t m = 0; m < comparison.metrics.size(); ++m) {
    const MetricRow& metric = comparison.metrics[m];
    if (std::isnan(metric.systems[0].value)) continue;
    if (metric.group != variant) plot.rows.push_back({.name = metric.group, .bars = {}});
    variant = metric.group;
    BarRow row{.name = metric.name, .bars = {}};
    const double scale = 1 / metric.highest;
    const auto add_bar = [&](const Interval& interval) {
      row.bars.push_back({interval.value * scale, interval.low * scale, interval.high * scale});
    };
    if (by_group)
      for (const CompareGroup& group : comparison.groups) add_bar(group.metrics[m].systems[0]);
    else
      for (const Interval& interval : metric.systems) add_bar(interval);
    plot.rows.push_back(std::move(row));
  }
  return plot;
}

}  // namespace hilum
