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

constexpr const char* kMicro14 = "label micro-F1, 14 labels";
constexpr const char* kMacro14 = "label macro-F1, 14 labels";
constexpr const char* kMicro5 = "label micro-F1, 5 labels";

// A figure without its system and data: as published, in 0..1, and this run's nearest metric.
struct Figure {
  std::string metric;
  double value;
  std::vector<std::string> variants;
  std::string name, needs = "";
};

// Labels by CheXbert where the run has them, else by the rules: of cells that count blank and uncertain as negative.
Figure chexbert(const std::string& metric, double value, const char* name) {
  return {metric, value, {"CheXbert", kRulesName}, name,
      "--uncertain negative (the default) and, for its labeler, --chexbert"};
}

// The papers of MAIRA have Yu et al.'s form under this name; the card of CXRReportGen does not say which it is.
Figure radgraph(double value) {
  return {"RadGraph-F1", value, {"RadGraph-F1"}, "RadGraph F1 of Yu et al.", "--radgraph"};
}

Figure completion(const std::string& name, double value) {
  return {name, value, {kPhraseBoxName}, name, "--completion, predictions of `hilum report --complete`"};
}

// Several figures of one system on one data set.
void add_figures(std::vector<PublishedFigure>& all, const std::string& system, const std::string& data,
    const std::vector<Figure>& figures) {
  for (const Figure& figure : figures)
    all.push_back({.system = system,
        .data = data,
        .metric = figure.metric,
        .value = figure.value,
        .variants = figure.variants,
        .name = figure.name,
        .needs = figure.needs});
}

std::vector<PublishedFigure> cxrreportgen() {
  const std::string system = "CXRReportGen (model card)";
  std::vector<PublishedFigure> all;
  add_figures(all, system, "MIMIC-CXR test, findings",
      {chexbert("CheXbert F1-14 micro", .591, kMicro14), chexbert("CheXbert F1-5 micro", .597, kMicro5), radgraph(.408),
          {"ROUGE-L", .391, {kRougeName}, "ROUGE-L"}, {"BLEU-4", .237, {kBleuHfName}, "BLEU-4"}});
  add_figures(all, system, "GR-Bench test, grounded",
      {chexbert("CheXbert F1-14 micro", .600, kMicro14), radgraph(.556), {"ROUGE-L", .566, {kRougeName}, "ROUGE-L"},
          completion("box completion precision", .715), completion("box completion recall", .820)});
  return all;
}

std::vector<PublishedFigure> maira2() {
  const std::string system = "MAIRA-2 (paper)";
  const auto radfact = [](const std::string& name, double value) {
    return Figure{"RadFact " + name, value, {"RadFact, recorded verdicts", kRadFactExactName}, name,
        "reports that are lists of sentences, or --radfact-verdicts"};
  };
  std::vector<PublishedFigure> all;
  add_figures(all, system, "MIMIC-CXR test, findings",
      {{"BLEU-4", .231, {kBleuHfName}, "BLEU-4"}, chexbert("CheXbert F1-14 macro", .416, kMacro14), radgraph(.346),
          radfact("logical precision", .529), radfact("logical recall", .482)});
  add_figures(all, system, "GR-Bench, grounded",
      {radfact("logical precision", .741), radfact("logical recall", .728), radfact("grounding precision", .688),
          radfact("grounding recall", .906), radfact("spatial precision", .335), radfact("spatial recall", .342)});
  return all;
}

std::vector<PublishedFigure> xraygpt() {
  const std::string data = "MIMIC-CXR test, summaries";
  const auto rouge = [](const std::string& name, double value) { return Figure{name, value, {kRougeName}, name}; };
  std::vector<PublishedFigure> all;
  add_figures(
      all, "XrayGPT (paper)", data, {rouge("ROUGE-1", .3213), rouge("ROUGE-2", .0912), rouge("ROUGE-L", .1997)});
  add_figures(all, "MiniGPT-4 (same paper)", data, {rouge("ROUGE-1", .1313)});
  return all;
}

std::vector<PublishedFigure> cxr_llava() {
  const std::string system = "CXR-LLaVA (paper)", indiana = "Indiana";
  const auto labels = [](const std::string& name, double value) {
    return Figure{name, value, {kRulesName, "CheXbert"}, name, "--uncertain drop"};
  };
  std::vector<PublishedFigure> all;
  add_figures(all, system, "MIMIC-CXR, 3,000", {labels("mean F1, 6 findings", .81)});
  add_figures(all, system, indiana, {labels("mean F1, 6 findings", .56)});
  add_figures(all, "CXR-LLaVA (preprint)", indiana,
      {labels("F1, Cardiomegaly", .62), labels("F1, Consolidation", .31), labels("F1, Edema", .67),
          labels("F1, Lung Opacity", .85), labels("F1, Pleural Effusion", .55), labels("F1, Pneumonia", .63),
          labels("F1, Pneumothorax", .05)});
  return all;
}

const MetricRow* nearest_metric(const Comparison& comparison, const PublishedFigure& figure) {
  for (const std::string& variant : figure.variants)
    for (const MetricRow& metric : comparison.metrics)
      if (metric.group.starts_with(variant) && metric.name.starts_with(figure.name)) return &metric;
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
  throw Error("--published", fmt::format("no figures of \"{}\"", system),
      near.empty() ? "Known: cxrreportgen, maira-2, xraygpt, cxr-llava." : fmt::format("Did you mean {}?", near));
}

std::string published_table(const Comparison& comparison, const std::string& system) {
  TextTable table;
  table.row({"published, not reproduced", "", "", "", fmt::format("this run, \"{}\"", comparison.systems[0]), "by"});
  for (const PublishedFigure& figure : published_figures(system)) {
    const MetricRow* ours = nearest_metric(comparison, figure);
    table.row({figure.system, figure.data, figure.metric, fmt::format("{:.3g}", figure.value),
        ours ? interval_text(ours->systems[0]) : "-",
        ours ? ours->group : fmt::format("not computed here: needs {}", figure.needs)});
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
    } else {
      row["needs"] = figure.needs;
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace hilum
