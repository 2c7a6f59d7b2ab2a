// A comparison as a table for the terminal and as JSON.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "eval/compare_reports.h"

namespace hilum {
namespace {

constexpr size_t kProblemsShown = 20;

// Left-aligned columns, two blanks apart.
class Table {
 public:
  void heading(std::string text) { rows_.push_back({std::move(text)}), headings_.push_back(true); }
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)), headings_.push_back(false); }

  std::string text() const {
    std::vector<size_t> widths;
    for (size_t r = 0; r < rows_.size(); ++r)
      for (size_t c = 0; c < rows_[r].size() && !headings_[r]; ++c) {
        widths.resize(std::max(widths.size(), c + 1));
        widths[c] = std::max(widths[c], width(rows_[r][c]));
      }
    std::string out;
    for (size_t r = 0; r < rows_.size(); ++r) {
      std::string line;
      for (size_t c = 0; c < rows_[r].size(); ++c) {
        line += rows_[r][c];
        if (c + 1 < rows_[r].size()) line.append(widths[c] - width(rows_[r][c]) + 2, ' ');
      }
      line.erase(line.find_last_not_of(' ') + 1);
      out += line + '\n';
    }
    return out;
  }

 private:
  static size_t width(const std::string& text) {  // characters, not bytes
    return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
  }
  std::vector<std::vector<std::string>> rows_;
  std::vector<bool> headings_;
};

std::string number(double value, bool sign = false) {
  return std::isnan(value) ? "-" : sign ? fmt::format("{:+.3f}", value) : fmt::format("{:.3f}", value);
}

std::string with_interval(const Interval& interval, bool sign = false) {
  if (std::isnan(interval.value) || interval.rounds == 0) return number(interval.value, sign);
  return fmt::format("{} [{}, {}]", number(interval.value, sign), number(interval.low, sign), number(interval.high, sign));
}

std::string metrics_table(const Comparison& comparison) {
  Table table;
  std::vector<std::string> head = {""};
  head.insert(head.end(), comparison.systems.begin(), comparison.systems.end());
  table.row(std::move(head));
  std::string group;
  for (const MetricRow& metric : comparison.metrics) {
    if (metric.group != group) table.heading(group = metric.group);
    std::vector<std::string> row = {fmt::format("  {}", metric.name)};
    for (const Interval& interval : metric.systems) row.push_back(with_interval(interval));
    table.row(std::move(row));
  }
  return table.text();
}

std::string differences_table(const Comparison& comparison) {
  Table table;
  std::vector<std::string> head = {fmt::format("\"{}\" minus", comparison.systems[0])};
  head.insert(head.end(), comparison.systems.begin() + 1, comparison.systems.end());
  table.row(std::move(head));
  std::string group;
  for (const MetricRow& metric : comparison.metrics) {
    if (metric.systems[0].rounds == 0) continue;
    if (metric.group != group) table.heading(group = metric.group);
    std::vector<std::string> row = {fmt::format("  {}", metric.name)};
    for (const Interval& interval : metric.differences) row.push_back(with_interval(interval, true));
    table.row(std::move(row));
  }
  return table.text();
}

std::string labels_table(const Comparison& comparison) {
  Table table;
  table.heading(
      fmt::format("Per label (precision / recall / F1): {} on both texts, {}", kRulesName, uncertain_name(comparison.options.uncertain)));
  std::vector<std::string> head = {"", "positive references"};
  head.insert(head.end(), comparison.systems.begin(), comparison.systems.end());
  table.row(std::move(head));
  const auto optional = [](std::optional<double> value) { return value ? number(*value) : "-"; };
  for (size_t i = 0; i < comparison.labels[0].per_label.size(); ++i) {
    const auto& [name, first] = comparison.labels[0].per_label[i];
    std::vector<std::string> row = {fmt::format("  {}", name), std::to_string(first.tp + first.fn)};
    for (const LabelScores& scores : comparison.labels) {
      const LabelCounts& counts = scores.per_label[i].second;
      row.push_back(fmt::format("{} / {} / {}", optional(counts.precision()), optional(counts.recall()), number(counts.f1())));
    }
    table.row(std::move(row));
  }
  return table.text();
}

Json json_number(double value) { return std::isnan(value) ? Json(nullptr) : Json(value); }
Json json_number(std::optional<double> value) { return value ? Json(*value) : Json(nullptr); }

Json interval_json(const std::string& name, const Interval& interval) {
  return {{"system", name},
          {"value", json_number(interval.value)},
          {"low", json_number(interval.low)},
          {"high", json_number(interval.high)},
          {"rounds", interval.rounds}};
}

Json study_json(const Comparison& comparison, const ScoredStudy& study) {
  Json systems = Json::array();
  for (size_t s = 0; s < study.systems.size(); ++s) {
    const StudyScore& score = study.systems[s];
    systems.push_back({{"system", comparison.systems[s]},
                       {"labels", score.labels},
                       {"label_f1", score.label_f1},
                       {"box_precision", json_number(score.boxes.precision())},
                       {"box_recall", json_number(score.boxes.recall())},
                       {"box_iou", json_number(score.boxes.iou())},
                       {"well_formed", score.not_well_formed.empty()}});
    if (!score.not_well_formed.empty()) systems.back()["why"] = score.not_well_formed;
  }
  return {{"study_id", study.study_id}, {"labels", study.labels}, {"systems", std::move(systems)}};
}

}  // namespace

std::string comparison_table(const Comparison& comparison) {
  const CompareOptions& options = comparison.options;
  const LabelScores& first = comparison.labels[0];
  std::string out =
      fmt::format("{} of {} studies scored; 95 % intervals from {} bootstrap draws of {} (seed {})\n", comparison.studies.size(),
                  comparison.num_references, options.rounds, options.by_patient ? "patients" : "studies", options.seed);
  if (first.cells_kept != first.cells) out += fmt::format("label cells kept: {} of {}\n", first.cells_kept, first.cells);
  if (comparison.most_common_count > 0)
    out += fmt::format("most common report: the text of {} scored references\n", comparison.most_common_count);
  out += fmt::format("\n{}", metrics_table(comparison));
  if (comparison.systems.size() > 1) out += fmt::format("\n{}", differences_table(comparison));
  out += fmt::format("\n{}", labels_table(comparison));
  if (!comparison.problems.empty()) {
    out += fmt::format("\n{} problems\n", comparison.problems.size());
    for (size_t i = 0; i < std::min(kProblemsShown, comparison.problems.size()); ++i)
      out += fmt::format("  {}: study \"{}\": {}\n", comparison.problems[i].side, comparison.problems[i].study_id,
                         comparison.problems[i].problem);
    if (comparison.problems.size() > kProblemsShown) out += fmt::format("  and {} more\n", comparison.problems.size() - kProblemsShown);
  }
  return out;
}

Json comparison_json(const Comparison& comparison, bool with_studies) {
  const CompareOptions& options = comparison.options;
  Json json = {
      {"schema", "hilum.eval.reports/1"},
      {"references", comparison.num_references},
      {"scored", comparison.studies.size()},
      {"uncertain", uncertain_name(options.uncertain)},
      {"bootstrap",
       {{"rounds", options.rounds}, {"seed", options.seed}, {"level", 0.95}, {"draws", options.by_patient ? "patients" : "studies"}}},
      {"systems", comparison.systems}};
  if (comparison.most_common_count > 0)
    json["most_common_report"] = {{"text", comparison.most_common_report}, {"references", comparison.most_common_count}};
  json["metrics"] = Json::array();
  for (const MetricRow& metric : comparison.metrics) {
    Json row = {{"name", metric.name}, {"variant", metric.group}, {"systems", Json::array()}, {"differences", Json::array()}};
    for (size_t s = 0; s < metric.systems.size(); ++s) row["systems"].push_back(interval_json(comparison.systems[s], metric.systems[s]));
    for (size_t s = 0; s < metric.differences.size(); ++s) {
      row["differences"].push_back(interval_json(comparison.systems[0], metric.differences[s]));
      row["differences"].back()["minus"] = comparison.systems[s + 1];
    }
    json["metrics"].push_back(std::move(row));
  }
  json["labels"] = Json::array();
  for (size_t s = 0; s < comparison.labels.size(); ++s) {
    const LabelScores& scores = comparison.labels[s];
    Json system = {{"system", comparison.systems[s]}, {"variant", kRulesName}, {"cells", scores.cells}, {"cells_kept", scores.cells_kept},
                   {"per_label", Json::array()}};
    for (const auto& [name, counts] : scores.per_label)
      system["per_label"].push_back({{"label", name},
                                     {"tp", counts.tp},
                                     {"fp", counts.fp},
                                     {"fn", counts.fn},
                                     {"tn", counts.tn},
                                     {"precision", json_number(counts.precision())},
                                     {"recall", json_number(counts.recall())},
                                     {"f1", counts.f1()}});
    json["labels"].push_back(std::move(system));
  }
  json["problems"] = Json::array();
  for (const MatchProblem& one : comparison.problems)
    json["problems"].push_back({{"side", one.side}, {"study_id", one.study_id}, {"problem", one.problem}});
  if (with_studies) {
    json["studies"] = Json::array();
    for (const ScoredStudy& study : comparison.studies) json["studies"].push_back(study_json(comparison, study));
  }
  return json;
}

}  // namespace hilum
