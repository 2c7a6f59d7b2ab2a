#include "eval/studies/drift_scores.h"

#include <cmath>
#include <functional>
#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "eval/boxes/box_scores.h"
#include "eval/labels/chexpert_rules.h"
#include "eval/labels/label_scores.h"
#include "eval/report_text.h"
#include "eval/text_table.h"

namespace hilum {
namespace {

double label_agreement(const Report& a, const Report& b) {
  const Labels of_a = label_report(text_of(a.findings, a.report)), of_b = label_report(text_of(b.findings, b.report));
  const auto cell = [](const Labels& labels, const std::string& name) {
    const auto found = labels.find(name);
    return found == labels.end() ? -2 : found->second;
  };
  double equal = 0;
  for (const std::string& name : labels_14()) equal += cell(of_a, name) == cell(of_b, name);
  return equal / static_cast<double>(labels_14().size());
}

}  // namespace

DriftResult score_drift(const std::vector<DriftStudy>& studies, int64_t num_asked, std::vector<Problem> problems,
    const BootstrapOptions& options) {
  check(!studies.empty(), "drift", "no study could be compared",
      problems.empty() ? "" : fmt::format("The first problem: {}.", problem_text(problems[0])));
  DriftResult result;
  result.num_studies = static_cast<int64_t>(studies.size());
  result.num_asked = num_asked;
  result.problems = std::move(problems);
  const std::pair<std::string, std::function<double(const DriftStudy&)>> kinds[] = {
      {"KL(A || B), nats a token of A's answer", [](const DriftStudy& study) { return study.kl; }},
      {"same most likely token (share of A's tokens)", [](const DriftStudy& study) { return study.same_first; }},
      {"equal reports (share)",
          [](const DriftStudy& study) {
            return text_of(study.a.findings, study.a.report) == text_of(study.b.findings, study.b.report) ? 1.0 : 0.0;
          }},
      {fmt::format("label agreement (share of 14 cells, {})", kRulesName),
          [](const DriftStudy& study) { return label_agreement(study.a, study.b); }},
      {fmt::format("box agreement (IoU of unions, {})", kBoxMaskName), [](const DriftStudy& study) {
         return box_overlap(boxes_of(study.a.findings).boxes, boxes_of(study.b.findings).boxes)
             .iou()
             .value_or(std::numeric_limits<double>::quiet_NaN());
       }}};
  std::vector<std::vector<double>> values;
  for (const auto& [name, value] : kinds) {
    values.emplace_back();
    for (const DriftStudy& study : studies) values.back().push_back(value(study));
  }
  const Metrics means = [&](std::span<const uint32_t> which, std::span<double> out) {
    for (size_t k = 0; k < values.size(); ++k) {
      double sum = 0;
      int64_t count = 0;
      for (const uint32_t i : which)
        if (!std::isnan(values[k][i])) {
          sum += values[k][i];
          ++count;
        }
      out[k] = count > 0 ? sum / static_cast<double>(count) : std::numeric_limits<double>::quiet_NaN();
    }
  };
  const auto intervals =
      bootstrap(static_cast<uint32_t>(studies.size()), static_cast<int>(values.size()), means, options);
  for (size_t k = 0; k < values.size(); ++k) result.rows.push_back({kinds[k].first, intervals[k]});
  for (const DriftStudy& study : studies)
    if (study.largest_kl >= result.largest_kl) {
      result.largest_kl = study.largest_kl;
      result.largest_kl_study = study.study_id;
    }
  return result;
}

std::string drift_table(const DriftResult& result) {
  std::string out = fmt::format(
      "{} of {} studies; means over studies, 95 % bootstrap intervals\n\n", result.num_studies, result.num_asked);
  TextTable table;
  for (const DriftRow& row : result.rows) {
    const Interval& one = row.value;
    const bool small = row.name.starts_with("KL");
    table.row(
        {row.name, small ? fmt::format("{:.3e} [{:.3e}, {:.3e}]", one.value, one.low, one.high) : interval_text(one)});
  }
  return out + table.text() +
         fmt::format("largest KL of one token: {:.3e} (study \"{}\")\n", result.largest_kl, result.largest_kl_study) +
         problems_text(result.problems);
}

Json drift_json(const DriftResult& result) {
  Json json = {{"schema", "hilum.eval.drift/1"}, {"studies", result.num_studies}, {"asked", result.num_asked},
      {"largest_kl", json_number(result.largest_kl)}, {"largest_kl_study", result.largest_kl_study}};
  json["metrics"] = Json::array();
  for (const DriftRow& row : result.rows) {
    Json one = {{"name", row.name}};
    one.update(interval_json(row.value));
    json["metrics"].push_back(std::move(one));
  }
  json["problems"] = problems_json(result.problems);
  return json;
}

}  // namespace hilum
