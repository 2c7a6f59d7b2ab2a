#include "eval/labels/label_scores.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "data/study.h"

namespace hilum {
namespace {

// Example 1 of the evaluation sheet 2.4: one digit a label, 0 blank, 1 positive, 2 negative, 3 uncertain, in the order
// of CheXbert's heads.
std::vector<Labels> from_codes(const std::vector<std::string>& reports) {
  const char* heads[] = {"Enlarged Cardiomediastinum", "Cardiomegaly", "Lung Opacity", "Lung Lesion", "Edema",
      "Consolidation", "Pneumonia", "Atelectasis", "Pneumothorax", "Pleural Effusion", "Pleural Other", "Fracture",
      "Support Devices", "No Finding"};
  std::vector<Labels> all;
  for (const std::string& codes : reports) {
    Labels labels;
    for (size_t i = 0; i < codes.size(); ++i)
      if (codes[i] != '0') labels[heads[i]] = codes[i] == '1' ? 1 : codes[i] == '2' ? 0 : -1;
    all.push_back(labels);
  }
  return all;
}

const std::vector<Labels> kReferences =
    from_codes({"01001203210010", "22002220220001", "03100130020000", "11100001010110"});
const std::vector<Labels> kPredictions =
    from_codes({"01003001210000", "02002000220001", "01100210030000", "01000003010010"});

TEST(LabelScores, SheetsExampleWithUncertainAsNegative) {
  const LabelScores all = score_labels(kReferences, kPredictions, labels_14(), Uncertain::kNegative);
  EXPECT_NEAR(all.micro_f1, .583333333, 1e-8);
  EXPECT_NEAR(all.macro_f1, .295238095, 1e-8);
  EXPECT_NEAR(all.weighted_f1, .519047619, 1e-8);
  EXPECT_NEAR(all.samples_f1, .642857143, 1e-8);
  const LabelScores five = score_labels(kReferences, kPredictions, labels_5(), Uncertain::kNegative);
  EXPECT_NEAR(five.micro_f1, .615384615, 1e-8);
  EXPECT_NEAR(five.macro_f1, .36, 1e-8);
  EXPECT_NEAR(five.weighted_f1, .514285714, 1e-8);
  EXPECT_NEAR(five.samples_f1, .366666667, 1e-8);
  EXPECT_NEAR(five.subset_accuracy, .25, 1e-8);
}

TEST(LabelScores, SheetsExampleWithUncertainAsPositive) {
  const LabelScores all = score_labels(kReferences, kPredictions, labels_14(), Uncertain::kPositive);
  EXPECT_NEAR(all.micro_f1, .8, 1e-8);
  EXPECT_NEAR(all.macro_f1, .509523810, 1e-8);
  EXPECT_NEAR(all.weighted_f1, .721568627, 1e-8);
  EXPECT_NEAR(all.samples_f1, .841540404, 1e-8);
  const LabelScores five = score_labels(kReferences, kPredictions, labels_5(), Uncertain::kPositive);
  EXPECT_NEAR(five.micro_f1, .888888889, 1e-8);
  EXPECT_NEAR(five.macro_f1, .76, 1e-8);
  EXPECT_NEAR(five.weighted_f1, .844444444, 1e-8);
  EXPECT_NEAR(five.samples_f1, .625, 1e-8);
  EXPECT_NEAR(five.subset_accuracy, .75, 1e-8);
}

// The rule of CXR-LLaVA (sheet 1.7): blank and -1 on either side drop the cell.
TEST(LabelScores, OnlyCellsDefiniteOnBothSidesAreKept) {
  const std::vector<Labels> reference = {{{"Edema", -1}, {"Fracture", 1}, {"Pneumonia", 0}, {"Atelectasis", 1},
                                {"Lung Lesion", 0}}},
                            predicted = {{{"Edema", 1}, {"Fracture", 1}, {"Pneumonia", 1}, {"Lung Lesion", -1}}};
  const LabelScores dropped = score_labels(reference, predicted, labels_14(), Uncertain::kDrop);
  EXPECT_EQ(dropped.cells, 14);
  EXPECT_EQ(dropped.cells_kept, 2);  // Fracture, Pneumonia
  EXPECT_EQ(dropped.total.tp, 1);
  EXPECT_EQ(dropped.total.fp, 1);
  EXPECT_EQ(dropped.total.tn + dropped.total.fn, 0);  // Atelectasis, which the model leaves out, is no miss
  const LabelScores negative = score_labels(reference, predicted, labels_14(), Uncertain::kNegative);
  EXPECT_EQ(negative.cells_kept, 14);
  EXPECT_EQ(negative.total.fp, 2);
  EXPECT_EQ(negative.total.fn, 1);
}

TEST(LabelScores, CountsGiveThePrecisionRecallAndF1OfTheSheet) {
  const LabelCounts counts{8, 2, 4, 0};
  EXPECT_NEAR(*counts.precision(), .8, 1e-8);
  EXPECT_NEAR(*counts.recall(), .666666667, 1e-8);
  EXPECT_NEAR(counts.f1(), .727272727, 1e-8);
  EXPECT_EQ((LabelCounts{0, 3, 2, 0}.f1()), 0);
  EXPECT_EQ(LabelCounts{}.f1(), 0);
  EXPECT_EQ(LabelCounts{}.precision(), std::nullopt);
  EXPECT_EQ(LabelCounts{}.recall(), std::nullopt);
}

TEST(LabelScores, ResampledMicroF1IsThatOfTheRepeatedStudies) {
  std::vector<StudyCells> cells;
  for (size_t i = 0; i < kReferences.size(); ++i)
    cells.push_back(study_cells(kReferences[i], kPredictions[i], labels_14(), Uncertain::kNegative));
  const std::vector<uint32_t> which = {3, 0, 3, 1};
  std::vector<Labels> references, predictions;
  for (const uint32_t i : which) {
    references.push_back(kReferences[i]);
    predictions.push_back(kPredictions[i]);
  }
  const double expected = score_labels(references, predictions, labels_14()).micro_f1;
  EXPECT_DOUBLE_EQ(micro_f1(cells, which), expected);
  EXPECT_DOUBLE_EQ(score_cells(cells, labels_14(), which).micro_f1, expected);
  EXPECT_NE(expected, micro_f1(cells, {}));
  const LabelScores scores = score_cells(cells, labels_14(), which);
  EXPECT_NEAR(macro_f1(cells, 14, which), scores.macro_f1, 1e-12);
  EXPECT_EQ(total_counts(cells, which).tp, scores.total.tp);
  EXPECT_EQ(total_counts(cells, which).fp, scores.total.fp);
  EXPECT_EQ(total_counts(cells, which).fn, scores.total.fn);
}

TEST(LabelScores, TheRulesAndTheManifestNameTheSameLabels) { EXPECT_EQ(labels_14(), kChexpertLabels); }

TEST(LabelScores, LabelNobodyKnowsAndUnequalCountsThrow) {
  EXPECT_THROW(score_labels(std::vector<Labels>{{{"Edema", 2}}}, std::vector<Labels>{{}}, labels_14()), Error);
  EXPECT_THROW(score_labels(kReferences, std::vector<Labels>{{}}, labels_14()), Error);
}

}  // namespace
}  // namespace hilum
