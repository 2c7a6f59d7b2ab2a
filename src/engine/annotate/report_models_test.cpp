// CheXbert and RadGraph from their published files on texts: what their tiny random weights say means nothing, how it
// comes about does.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "data/study.h"
#include "engine/annotate/chexbert_labeler.h"
#include "engine/annotate/radgraph_reader.h"
#include "engine/tiny_demo_for_test.h"

namespace hilum {
namespace {

TEST(CheXbertLabeler, CleansTextsAsTheOriginal) {
  EXPECT_EQ(chexbert_text("  No  acute\n process.\t\n"), "No acute process.");
  EXPECT_EQ(chexbert_text(" \n "), "");
}

TEST(CheXbertLabeler, LabelsDoNotDependOnTheirNeighbours) {
  const CheXbertLabeler labeler(HILUM_TESTDATA "/models/chexbert", {.threads = 1});
  std::string longest;
  for (int i = 0; i < 60; ++i) longest += "no evidence of acute cardiopulmonary process. ";
  const std::vector<std::string> reports = {
      "No evidence of acute cardiopulmonary process.", "", "Mild edema.", longest, "the  HEART is\nlarge"};
  int64_t done = 0;
  const auto together = labeler.label(reports, [&](int64_t n) { done = n; });
  EXPECT_EQ(done, 5);
  for (size_t i = 0; i < reports.size(); ++i) {
    EXPECT_EQ(labeler.label({&reports[i], 1})[0], together[i]) << i;
    for (const auto& [name, state] : together[i])
      EXPECT_NE(std::ranges::find(kChexpertLabels, name), kChexpertLabels.end());
  }
  EXPECT_EQ(
      labeler.label(std::vector<std::string>{"The heart is large"})[0], together[4]);  // case and blanks do not count
}

TEST(RadGraphReader, EntitiesAreWordsOfTheReport) {
  const RadGraphReader reader(HILUM_TESTDATA "/models/radgraph", {.threads = 1});
  EXPECT_EQ(reader.name(), "radgraph");
  const RadGraph graph = reader.read("Small left pleural effusion. No acute cardiopulmonary process.");
  EXPECT_EQ(graph.text, "Small left pleural effusion . No acute cardiopulmonary process .");
  ASSERT_FALSE(graph.entities.empty());
  for (const RadGraphEntity& entity : graph.entities) {
    EXPECT_NE(graph.text.find(entity.tokens), std::string::npos);
    EXPECT_LT(entity.end - entity.start, 5);
  }
  EXPECT_EQ(to_json(radgraph_from_json(to_json(graph), "back")), to_json(graph));
  EXPECT_EQ(radgraph_scores(graph, graph).simple, 1);
  EXPECT_EQ(reader.read("").text, "None");
}

TEST(RadGraphReader, AVocabularyOfAnotherModelIsRefused) {
  const TempFolder folder;
  fs::copy(HILUM_TESTDATA "/models/radgraph", folder.path, fs::copy_options::recursive);
  std::string words = read_file(folder.path / "vocab.txt");
  for (int i = 0; i < 5; ++i) words += "more" + std::to_string(i) + "\n";
  write_file(folder.path / "vocab.txt", words);
  EXPECT_THROW(RadGraphReader(folder.path, {}), Error);
  fs::remove(folder.path / "vocab.txt");
  EXPECT_THROW(RadGraphReader(folder.path, {}), Error);
}

}  // namespace
}  // namespace hilum
