// RadGraph's words and scores against the published code's values (shared fixtures; skipped where they are not
// present).
#include "eval/graphs/radgraph.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "eval/graphs/radgraph_words.h"

namespace hilum {
namespace {

const fs::path kFixtures = fs::path(HILUM_SHARED) / "data" / "reports" / "metric_fixtures.json";
const fs::path kProcessed =
    fs::path(HILUM_SHARED) / "data" / "reports" / "radgraph" / "expected_processed_annotations.json";

RadGraph graph_of(const char* text) { return radgraph_from_json(parse_json(text, "test"), "test"); }

// The sheet's hand-made pair, section 3.4.
const char kReference[] = R"({"text": "small left pleural effusion . no pneumothorax .", "entities": {
  "1": {"tokens": "small", "label": "OBS-DP", "start_ix": 0, "end_ix": 0, "relations": [["modify", "4"]]},
  "2": {"tokens": "left", "label": "ANAT-DP", "start_ix": 1, "end_ix": 1, "relations": [["modify", "3"]]},
  "3": {"tokens": "pleural", "label": "ANAT-DP", "start_ix": 2, "end_ix": 2, "relations": []},
  "4": {"tokens": "effusion", "label": "OBS-DP", "start_ix": 3, "end_ix": 3, "relations": [["located_at", "3"]]},
  "5": {"tokens": "pneumothorax", "label": "OBS-DA", "start_ix": 6, "end_ix": 6, "relations": []}}})";
const char kHypothesis[] = R"({"text": "Pleural effusion on the left . pneumothorax .", "entities": {
  "1": {"tokens": "Pleural", "label": "ANAT-DP", "start_ix": 0, "end_ix": 0, "relations": []},
  "2": {"tokens": "effusion", "label": "OBS-DP", "start_ix": 1, "end_ix": 1, "relations": [["located_at", "1"], ["located_at", "3"]]},
  "3": {"tokens": "left", "label": "ANAT-DP", "start_ix": 4, "end_ix": 4, "relations": []},
  "4": {"tokens": "pneumothorax", "label": "OBS-DP", "start_ix": 6, "end_ix": 6, "relations": []}}})";

TEST(RadGraphScores, TheSheetsExampleBothWays) {
  const RadGraph hypothesis = graph_of(kHypothesis), reference = graph_of(kReference);
  const RadGraphScores lower = radgraph_scores(hypothesis, reference, RadGraphCase::kLower),
                       published = radgraph_scores(hypothesis, reference);
  EXPECT_NEAR(lower.simple, 0.666666667, 1e-9);
  EXPECT_NEAR(lower.partial, 0.444444444, 1e-9);
  EXPECT_NEAR(lower.complete, 0.4, 1e-9);
  EXPECT_NEAR(published.simple, 0.444444444, 1e-9);
  EXPECT_NEAR(published.partial, 0.222222222, 1e-9);
  EXPECT_NEAR(published.complete, 0.2, 1e-9);
  EXPECT_NEAR(published.yu_entity, 0.444444444, 1e-9);
  EXPECT_EQ(published.yu_relation, 0);
  EXPECT_NEAR(published.yu(), 0.222222222, 1e-9);
  EXPECT_EQ(radgraph_scores(reference, reference).complete, 1);
  EXPECT_EQ(radgraph_scores(hypothesis, RadGraph{}).simple, 0);
}

TEST(RadGraphScores, OfficialAnnotationsGiveTheSheetsValues) {
  if (!fs::exists(kProcessed)) GTEST_SKIP() << "not here: " << kProcessed;
  std::map<int, RadGraph> graphs;
  for (const Json& report : read_json_file(kProcessed))
    graphs[report["report_id"].get<int>()] =
        radgraph_from_json(report["processed_annotations"]["radgraph_annotations"]["0"], "report");
  size_t pairs = 0;
  const Json fixtures = read_json_file(kFixtures);
  for (const Json& pair : fixtures["radgraph"]["pairs"]) {
    const std::string name = pair["name"].get<std::string>();
    const size_t versus = name.find(" vs ");
    if (versus == std::string::npos) continue;
    const int hypothesis = std::stoi(name.substr(versus - 1)), reference = std::stoi(name.substr(versus + 4));
    const RadGraphScores published = radgraph_scores(graphs.at(hypothesis), graphs.at(reference)),
                         lower = radgraph_scores(graphs.at(hypothesis), graphs.at(reference), RadGraphCase::kLower);
    for (const auto& [scores, key] : {std::pair{published, "case_sensitive"}, {lower, "lowercased"}}) {
      EXPECT_NEAR(scores.simple, pair[key]["simple"].get<double>(), 1e-9) << name;
      EXPECT_NEAR(scores.partial, pair[key]["partial"].get<double>(), 1e-9) << name;
      EXPECT_NEAR(scores.complete, pair[key]["complete"].get<double>(), 1e-9) << name;
    }
    EXPECT_NEAR(published.yu_entity, pair["yu_entity_f1"].get<double>(), 1e-9) << name;
    EXPECT_NEAR(published.yu_relation, pair["yu_relation_f1"].get<double>(), 1e-9) << name;
    ++pairs;
  }
  EXPECT_EQ(pairs, 3u);
}

TEST(RadGraphScores, AnnotationsComeBackAsTheyWere) {
  EXPECT_EQ(to_json(graph_of(kReference))["entities"], parse_json(kReference, "test")["entities"]);
  for (const char* broken :
      {"{}",
          R"({"entities": {"1": {"tokens": "a", "label": "b", "start_ix": 0, "end_ix": 0, "relations": [["modify", "7"]]}}})",
          R"({"entities": {"1": {"tokens": "a"}}})",
          R"({"entities": {"1": {"tokens": "a", "label": "b", "start_ix": "0"}}})"})
    EXPECT_THROW(graph_of(broken), Error) << broken;
}

TEST(RadGraphWords, AreThePublishedOnes) {
  if (!fs::exists(kFixtures)) GTEST_SKIP() << "not here: " << kFixtures;
  const Json fixtures = read_json_file(kFixtures);
  ASSERT_EQ(fixtures["radgraph"]["tokens"].size(), 4u);
  for (const Json& example : fixtures["radgraph"]["tokens"])
    for (const auto& [form, key] : {std::pair{RadGraphWords::kV1, "v1"}, {RadGraphWords::kXl, "xl"}})
      EXPECT_EQ(radgraph_words(example["text"].get<std::string>(), form), example[key].get<std::vector<std::string>>())
          << key;
}

TEST(RadGraphWords, NothingIsNoneAndSlashesBeforeAStopGo) {
  EXPECT_EQ(radgraph_words(" \n", RadGraphWords::kV1), std::vector<std::string>{"None"});
  EXPECT_EQ(radgraph_words("", RadGraphWords::kXl), std::vector<std::string>{"None"});
  EXPECT_EQ(radgraph_words("clear/.", RadGraphWords::kXl), (std::vector<std::string>{"clear", "."}));
  EXPECT_EQ(radgraph_words("clear\\nheart", RadGraphWords::kXl), (std::vector<std::string>{"clear", "heart"}));
  EXPECT_EQ(radgraph_words("30%).", RadGraphWords::kXl), (std::vector<std::string>{"30", "%", ")", "."}));
}

}  // namespace
}  // namespace hilum
