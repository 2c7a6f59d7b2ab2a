#include "eval/compare/published_figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "eval/compare/compare_reports.h"

namespace hilum {
namespace {

// Two studies, one with boxes, so that every kind of metric is there.
Comparison comparison(const CompareOptions& options = {}) {
  Study a, b;
  a.study_id = "a";
  a.findings = {{"Small effusion.", {{{.3, .6, .5, .8}}}}};
  b.study_id = "b";
  b.findings = {{"Mild edema.", {}}};
  System model{"model", {}};
  for (const Study* study : {&a, &b}) {
    Report report;
    report.study_id = study->study_id;
    report.findings = study->findings;
    model.reports.push_back(report);
  }
  return compare_reports({a, b}, {model}, options);
}

TEST(PublishedFigures, EveryFigureFindsItsMetricOrSaysWhatItNeeds) {
  CompareOptions completion, definite;
  completion.box_completion = true;
  definite.uncertain = Uncertain::kDrop;
  const Comparison plain = comparison(), boxes = comparison(completion), dropped = comparison(definite);
  for (const std::string& system : published_systems()) {
    const Json json[] = {published_json(plain, system), published_json(boxes, system), published_json(dropped, system)};
    for (size_t i = 0; i < json[0].size(); ++i) {
      const bool found =
          json[0][i].contains("this_run") || json[1][i].contains("this_run") || json[2][i].contains("this_run");
      EXPECT_EQ(found, json[0][i]["metric"] != "RadGraph-F1") << json[0][i].dump();
      EXPECT_NE(json[0][i].contains("this_run"), json[0][i].contains("needs")) << json[0][i].dump();
      EXPECT_NE(json[0][i].value("needs", "something"), "");
    }
  }
}

TEST(PublishedFigures, StandBesideThePublishedModelsNumbersWhereTheRunHasThem) {
  CompareOptions models;
  models.models.labeler = "CheXbert";
  models.models.label = [](std::span<const std::string> texts) {
    return std::vector<Labels>(texts.size(), Labels{{"Edema", 1}});
  };
  models.models.grapher = "RadGraph (radgraph-xl)";
  models.models.graph = [](const std::string&) { return RadGraph(); };
  const Json json = published_json(comparison(models), "maira-2");
  bool labels = false, graphs = false;
  for (const Json& row : json) {
    const std::string variant = row.value("variant", "");
    labels = labels || (row["metric"] == "CheXbert F1-14 macro" && variant.starts_with("CheXbert on both texts"));
    graphs = graphs || (row["metric"] == "RadGraph-F1" && variant.find("radgraph-xl") != std::string::npos);
  }
  EXPECT_TRUE(labels) << json.dump(1);
  EXPECT_TRUE(graphs) << json.dump(1);
  EXPECT_THAT(
      published_table(comparison(), "cxr-llava"), testing::HasSubstr("not computed here: needs --uncertain drop"));
}

TEST(PublishedFigures, AreNamedAsNotReproducedBesideTheRunsOwnVariant) {
  const std::string table = published_table(comparison(), "xraygpt");
  EXPECT_THAT(table, testing::HasSubstr("published, not reproduced"));
  EXPECT_THAT(table, testing::ContainsRegex("XrayGPT \\(paper\\) +MIMIC-CXR test, summaries +ROUGE-1 +0.321 +1.000 "
                                            "\\[1.000, 1.000\\] +ROUGE F1 as google"));
  EXPECT_THROW(published_figures("xraygtp"), Error);
}

}  // namespace
}  // namespace hilum
