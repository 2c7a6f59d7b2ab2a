// The rules against the hand-made labels of OpenI's reports. They were written looking at rows of even uid alone; rows
// of odd uid are for measuring. What they are held against are the counts of scripts/golden/chexpert_prototype.py: the
// published phrases with plain windows.
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <map>

#include <fmt/format.h>

#include "base/file.h"
#include "data/csv.h"
#include "eval/labels/chexpert_rules.h"
#include "eval/labels/label_scores.h"

namespace hilum {
namespace {

const fs::path kOpenI = fs::path(HILUM_SHARED) / "data" / "reports" / "openi";

struct GoldLabel {
  std::string name;
  std::vector<std::string> columns;  // of the gold file; positive where any is
  std::array<LabelCounts, 2> floor;  // even, odd uid: true positive, false positive, false negative
};
const std::vector<GoldLabel> kGold = {
    {"Atelectasis", {"Atelectasis"}, {{{119, 22, 0, 0}, {138, 24, 1, 0}}}},
    {"Cardiomegaly", {"Cardiomegaly"}, {{{143, 50, 1, 0}, {123, 58, 2, 0}}}},
    {"Pleural Effusion", {"Effusion"}, {{{57, 14, 3, 0}, {57, 10, 4, 0}}}},
    {"Lung Lesion", {"Mass", "Nodule"}, {{{39, 35, 12, 0}, {40, 35, 5, 0}}}},
    {"Pneumonia", {"Pneumonia"}, {{{19, 41, 0, 0}, {13, 40, 3, 0}}}},
    {"Pneumothorax", {"Pneumothorax"}, {{{6, 4, 0, 0}, {9, 2, 0, 0}}}},
    {"Consolidation", {"Consolidation"}, {{{10, 6, 0, 0}, {12, 3, 0, 0}}}},
    {"Edema", {"Edema"}, {{{15, 19, 0, 0}, {16, 32, 0, 0}}}},
    {"No Finding", {"normal"}, {{{508, 129, 27, 0}, {514, 127, 27, 0}}}},
};

// Adds one label's cell; -1 counts as positive, as in the gold labels.
void add(LabelCounts& counts, bool gold, const Labels& labels, const std::string& name) {
  const auto label = labels.find(name);
  const bool said = label != labels.end() && label->second != 0;
  ++(gold ? said ? counts.tp : counts.fn : said ? counts.fp : counts.tn);
}

// counts[parity][label]
std::array<std::vector<LabelCounts>, 2> count_ours() {
  const auto gold_rows = parse_csv(read_file(kOpenI / "openi_gold_labels.csv"), "gold");
  const auto reports = parse_csv(read_file(kOpenI / "indiana_reports.csv"), "reports");
  std::map<std::string, size_t> row_of, column_of;
  for (size_t i = 1; i < gold_rows.size(); ++i) row_of[gold_rows[i][0]] = i;
  for (size_t i = 1; i < gold_rows[0].size(); ++i) column_of[gold_rows[0][i]] = i;
  std::array<std::vector<LabelCounts>, 2> counts{
      std::vector<LabelCounts>(kGold.size()), std::vector<LabelCounts>(kGold.size())};
  for (size_t i = 1; i < reports.size(); ++i) {
    const auto row = row_of.find("CXR" + reports[i][0]);
    const std::string text = reports[i][6] + " " + reports[i][7];
    if (row == row_of.end() || text.find_first_not_of(" \t\r\n") == std::string::npos) continue;
    const Labels labels = label_report(text);
    for (size_t k = 0; k < kGold.size(); ++k) {
      bool positive = false;
      for (const std::string& column : kGold[k].columns)
        positive = positive || gold_rows[row->second][column_of.at(column)] == "1";
      add(counts[std::stoi(reports[i][0]) % 2][k], positive, labels, kGold[k].name);
    }
  }
  return counts;
}

TEST(SharedGold, RulesStandAboveTheFloorOnOpenI) {
  if (!fs::exists(kOpenI)) GTEST_SKIP() << "not here: " << kOpenI;
  const auto ours = count_ours();
  for (const size_t parity : {0, 1}) {
    LabelCounts all, floor;
    for (size_t k = 0; k < kGold.size(); ++k) {
      const LabelCounts &mine = ours[parity][k], &least = kGold[k].floor[parity];
      ASSERT_EQ(mine.tp + mine.fn, least.tp + least.fn) << kGold[k].name << ": other rows than the floor's";
      // At most two cases worse: the F1 the floor would have with two more false alarms.
      EXPECT_GE(mine.f1(), (LabelCounts{least.tp, least.fp + 2, least.fn, 0}.f1()))
          << kGold[k].name << (parity ? ", odd" : ", even");
      all.tp += mine.tp;
      all.fp += mine.fp;
      all.fn += mine.fn;
      floor.tp += least.tp;
      floor.fp += least.fp;
      floor.fn += least.fn;
      RecordProperty(kGold[k].name + (parity ? " odd" : " even"), fmt::format("{} {} {}", mine.tp, mine.fp, mine.fn));
    }
    EXPECT_GE(all.f1(), floor.f1() + .03) << (parity ? "odd" : "even");
  }
}

}  // namespace
}  // namespace hilum
