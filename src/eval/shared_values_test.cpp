// Every expected value of the shared fixtures that this folder answers for. Skipped where the fixtures are not present.
#include <gtest/gtest.h>

#include <array>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/json.h"
#include "eval/chexpert_lexicon.h"
#include "eval/chexpert_rules.h"
#include "eval/csv_for_test.h"

namespace hilum {
namespace {

const fs::path kReports = fs::path(HILUM_SHARED) / "data" / "reports";

#define NEEDS(path) \
  if (!fs::exists(path)) GTEST_SKIP() << "not here: " << (path)

Json fixtures() { return read_json_file(kReports / "metric_fixtures.json"); }

TEST(SharedValues, ChexpertSampleReports) {
  const fs::path folder = kReports / "chexpert_labeler";
  NEEDS(folder);
  const auto reports = parse_csv_for_test(read_file(folder / "sample_reports.csv"));
  const auto labels = parse_csv_for_test(read_file(folder / "labeled_reports.csv"));
  ASSERT_EQ(labels.size(), reports.size() + 1);
  int cells = 0;
  for (size_t row = 0; row < reports.size(); ++row) {
    const Labels found = label_report(reports[row][0]);
    for (size_t column = 1; column < labels[0].size(); ++column, ++cells) {
      const auto cell = found.find(labels[0][column]);
      const std::string written = cell == found.end() ? "" : cell->second == 1 ? "1.0" : cell->second == 0 ? "0.0" : "-1.0";
      EXPECT_EQ(written, labels[row + 1][column]) << "report " << row << ", " << labels[0][column];
    }
  }
  EXPECT_EQ(cells, 56);
}

TEST(SharedValues, ChexpertRulesSentences) {
  NEEDS(kReports);
  const Json cases = fixtures()["chexpert_rules"]["cases"];
  ASSERT_EQ(cases.size(), 16u);
  for (const Json& example : cases) {
    const auto report = example["report"].get<std::string>();
    EXPECT_EQ(label_report(report), (example["labels"].get<Labels>())) << report;
  }
}

TEST(SharedValues, ChexpertAggregation) {
  NEEDS(kReports);
  for (const Json& example : fixtures()["chexpert_aggregation"]) {
    const auto mentions = example["mentions"].get<std::vector<int>>();
    const auto label = aggregate_mentions(mentions);
    EXPECT_EQ(label ? Json(*label) : Json(nullptr), example["label"]) << example.dump();
  }
}

TEST(SharedValues, ChexpertRulesCountsOverOpenI) {
  const fs::path file = kReports / "openi" / "indiana_reports.csv";
  NEEDS(file);
  using Counts = std::array<int, 3>;  // 1, 0, -1
  const std::map<std::string, Counts> expected = {
      {"No Finding", {1616, 0, 0}},    {"Enlarged Cardiomediastinum", {91, 2092, 214}},
      {"Cardiomegaly", {402, 2069, 76}}, {"Lung Lesion", {157, 186, 25}},
      {"Lung Opacity", {617, 903, 94}}, {"Edema", {47, 283, 58}},
      {"Consolidation", {35, 1179, 7}}, {"Pneumonia", {66, 177, 73}},
      {"Atelectasis", {220, 8, 155}},  {"Pneumothorax", {22, 2597, 5}},
      {"Pleural Effusion", {124, 2723, 51}}, {"Pleural Other", {40, 6, 23}},
      {"Fracture", {96, 88, 20}},      {"Support Devices", {217, 82, 6}}};
  const auto rows = parse_csv_for_test(read_file(file));
  ASSERT_EQ(rows[0][6], "findings");
  ASSERT_EQ(rows[0][7], "impression");
  std::map<std::string, Counts> found;
  int reports = 0;
  for (size_t i = 1; i < rows.size(); ++i) {
    const std::string text = rows[i][6] + " " + rows[i][7];
    if (text.find_first_not_of(" \t\r\n") == std::string::npos) continue;
    ++reports;
    for (const auto& [name, label] : label_report(text)) ++found[name][label == 1 ? 0 : label == 0 ? 1 : 2];
  }
  EXPECT_EQ(reports, 3826);
  EXPECT_EQ(found, expected);
}

TEST(SharedValues, LexiconHoldsThePublishedPhrases) {
  const fs::path folder = kReports / "chexpert_labeler" / "phrases";
  NEEDS(folder);
  const auto read_phrases = [](const fs::path& file) {
    std::vector<std::string> phrases;
    std::string text = read_file(file) + "\n", line;
    for (const char c : text) {
      if (c == '\n') {
        if (!line.empty()) phrases.push_back(line);
        line.clear();
      } else {
        line += c == '_' ? ' ' : c;
      }
    }
    return phrases;
  };
  for (int i = 0; i < kNumObservations; ++i) {
    const auto observation = static_cast<Observation>(i);
    std::string file(observation_name(observation));
    for (char& c : file) c = c == ' ' ? '_' : static_cast<char>(std::tolower(c));
    std::vector<std::string> ours;
    for (const Phrase& phrase : mention_phrases())
      if (phrase.observation == observation) ours.emplace_back(phrase.text);
    EXPECT_EQ(ours, read_phrases(folder / "mention" / (file + ".txt"))) << file;
    if (const fs::path unmention = folder / "unmention" / (file + ".txt"); fs::exists(unmention)) {
      EXPECT_EQ(unmention_phrases(observation), read_phrases(unmention)) << file;
    }
  }
}

}  // namespace
}  // namespace hilum
