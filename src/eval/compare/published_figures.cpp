#include "eval/compare/published_figures.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/nearest.h"
#include "eval/boxes/box_scores.h"
#include "eval/boxes/radfact.h"
#include "eval/text/bleu.h"
#include "eval/text/rouge.h"
#include "eval/text_table.h"

namespace hilum {
namespace {

const std::string kMicro14 = "label micro-F1, 14 labels", kMacro14 = "label macro-F1, 14 labels",
                  kMicro5 = "label micro-F1, 5 labels";

std::vector<PublishedFigure> cxrreportgen() {
  const std::string system = "CXRReportGen (model card)", mimic = "MIMIC-CXR test, findings",
                    bench = "GR-Bench test, grounded";
  return {{system, mimic, "CheXbert F1-14 micro", .591, kRulesName, kMicro14},
      {system, mimic, "CheXbert F1-5 micro", .597, kRulesName, kMicro5}, {system, mimic, "RadGraph-F1", .408, "", ""},
      {system, mimic, "ROUGE-L", .391, kRougeName, "ROUGE-L"}, {system, mimic, "BLEU-4", .237, kBleuHfName, "BLEU-4"},
      {system, bench, "CheXbert F1-14 micro", .600, kRulesName, kMicro14}, {system, bench, "RadGraph-F1", .556, "", ""},
      {system, bench, "ROUGE-L", .566, kRougeName, "ROUGE-L"},
      {system, bench, "box completion precision", .715, kPhraseBoxName, "box completion precision"},
      {system, bench, "box completion recall", .820, kPhraseBoxName, "box completion recall"}};
}

std::vector<PublishedFigure> maira2() {
  const std::string system = "MAIRA-2 (paper)", mimic = "MIMIC-CXR test, findings", bench = "GR-Bench, grounded";
  return {{system, mimic, "BLEU-4", .231, kBleuHfName, "BLEU-4"},
      {system, mimic, "CheXbert F1-14 macro", .416, kRulesName, kMacro14}, {system, mimic, "RadGraph-F1", .346, "", ""},
      {system, mimic, "RadFact logical precision", .529, kRadFactExactName, "logical precision"},
      {system, mimic, "RadFact logical recall", .482, kRadFactExactName, "logical recall"},
      {system, bench, "RadFact logical precision", .741, kRadFactExactName, "logical precision"},
      {system, bench, "RadFact logical recall", .728, kRadFactExactName, "logical recall"},
      {system, bench, "RadFact grounding precision", .688, kRadFactExactName, "grounding precision"},
      {system, bench, "RadFact grounding recall", .906, kRadFactExactName, "grounding recall"},
      {system, bench, "RadFact spatial precision", .335, kRadFactExactName, "spatial precision"},
      {system, bench, "RadFact spatial recall", .342, kRadFactExactName, "spatial recall"}};
}

std::vector<PublishedFigure> xraygpt() {
  const std::string system = "XrayGPT (paper)", data = "MIMIC-CXR test, summaries";
  return {{system, data, "ROUGE-1", .3213, kRougeName, "ROUGE-1"},
      {system, data, "ROUGE-2", .0912, kRougeName, "ROUGE-2"}, {system, data, "ROUGE-L", .1997, kRougeName, "ROUGE-L"},
      {"MiniGPT-4 (same paper)", data, "ROUGE-1", .1313, kRougeName, "ROUGE-1"}};
}

std::vector<PublishedFigure> cxr_llava() {
  const std::string system = "CXR-LLaVA (paper)", preprint = "CXR-LLaVA (preprint)", indiana = "Indiana";
  std::vector<PublishedFigure> figures = {
      {system, "MIMIC-CXR, 3,000", "mean F1, 6 findings", .81, kRulesName, "mean F1, 6 findings"},
      {system, indiana, "mean F1, 6 findings", .56, kRulesName, "mean F1, 6 findings"}};
  const std::pair<const char*, double> labels[] = {{"Cardiomegaly", .62}, {"Consolidation", .31}, {"Edema", .67},
      {"Lung Opacity", .85}, {"Pleural Effusion", .55}, {"Pneumonia", .63}, {"Pneumothorax", .05}};
  for (const auto& [label, value] : labels)
    figures.push_back({preprint, indiana, std::string("F1, ") + label, value, kRulesName, std::string("F1, ") + label});
  return figures;
}

const MetricRow* nearest_metric(const Comparison& comparison, const PublishedFigure& figure) {
  if (figure.name.empty()) return nullptr;
  for (const MetricRow& metric : comparison.metrics)
    if (metric.group.starts_with(figure.variant) && metric.name.starts_with(figure.name)) return &metric;
  return nullptr;
}

}  // namespace

const std::vector<std::string>& published_systems() {
  static const std::vector<std::string> systems = {"cxrreportgen", "maira-2", "xraygpt", "cxr-llava"};
  return systems;
}

std::vector<PublishedFigure> published_figures(const std::string& system) {
  if (system == "cxrreportgen") return cxrreportgen();
  if (system == "maira-2") return maira2();
  if (system == "xraygpt") return xraygpt();
  if (system == "cxr-llava") return cxr_llava();
  const std::string near = nearest_name(system, published_systems());
  throw Error("--published", "no figures of \"" + system + "\"",
      near.empty() ? "Known: cxrreportgen, maira-2, xraygpt, cxr-llava." : "Did you mean " + near + "?");
}

std::string published_table(const Comparison& comparison, const std::string& system) {
  TextTable table;
  table.row({"published, not reproduced", "", "", "", fmt::format("this run, \"{}\"", comparison.systems[0]), "by"});
  for (const PublishedFigure& figure : published_figures(system)) {
    const MetricRow* ours = nearest_metric(comparison, figure);
    table.row({figure.system, figure.data, figure.metric, fmt::format("{:.3g}", figure.value),
        ours ? interval_text(ours->systems[0]) : "-", ours ? ours->group : "not computed here"});
  }
  return table.text();
}

Json published_json(const Comparison& comparison, const std::string& system) {
  Json rows = Json::array();
  for (const PublishedFigure& figure : published_figures(system)) {
    const MetricRow* ours = nearest_metric(comparison, figure);
    Json row = {{"system", figure.system}, {"data", figure.data}, {"metric", figure.metric},
        {"published_not_reproduced", figure.value}};
    if (ours) {
      row["this_run"] = interval_json(ours->systems[0]);
      row["variant"] = ours->group;
      row["name"] = ours->name;
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace hilum
