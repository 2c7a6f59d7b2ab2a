#include "engine/embed/label_head.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "base/file.h"
#include "engine/embed/fake_embedder_for_test.h"
#include "engine/tiny_demo_for_test.h"

namespace hilum {
namespace {

// scale 10, bias 0.5; unit image (0.6, 0.8, 0, 0) against labels along the axes: logits 6.5, 8.5, 0.5.
class ZeroShot : public testing::Test {
 protected:
  ZeroShot() {
    embedder_.texts = {{"chest A", {2, 0, 0, 0}}, {"chest B", {0, 3, 0, 0}}, {"chest C", {0, 0, 1, 0}},
        {"no A", {0, 1, 0, 0}}, {"no B", {0, 0, 1, 0}}, {"no C", {0, 0, 0, 5}}};
  }
  FakeEmbedder embedder_;
  const std::vector<float> image_{6, 8, 0, 0};
  const std::vector<std::string> labels_{"A", "B", "C"};
};

TEST_F(ZeroShot, LabelsCompeteBySoftmaxOfScaledCosines) {
  const auto row = build_label_head(embedder_, labels_, {"chest {}"}, {}).scores(image_);
  const double sum = std::exp(6.5) + std::exp(8.5) + std::exp(0.5);
  ASSERT_EQ(row.size(), 3u);
  EXPECT_EQ(row[1].first, "B");
  EXPECT_NEAR(row[0].second, std::exp(6.5) / sum, 1e-6);
  EXPECT_NEAR(row[1].second, std::exp(8.5) / sum, 1e-6);
  EXPECT_NEAR(row[2].second, std::exp(0.5) / sum, 1e-6);
}

// A: 0.6 against "no A" 0.8: logits 6.5 and 8.5. B: 0.8 against 0. C: 0 against 0.
TEST_F(ZeroShot, WithNegativesEachLabelStandsAlone) {
  const auto row = build_label_head(embedder_, labels_, {"chest {}"}, {"no {}"}).scores(image_);
  EXPECT_NEAR(row[0].second, 1 / (1 + std::exp(2.0)), 1e-6);
  EXPECT_NEAR(row[1].second, 1 / (1 + std::exp(-8.0)), 1e-6);
  EXPECT_NEAR(row[2].second, 0.5, 1e-6);
}

TEST_F(ZeroShot, TheTextTowerRunsOnceAPromptHoweverManyImages) {
  const LabelHead head = build_label_head(embedder_, labels_, {"chest {}", "film of {}", "chest {}"}, {"no {}"});
  for (int i = 0; i < 5; ++i) head.scores(image_);
  EXPECT_EQ(embedder_.text_calls.size(), 9u);
  for (const auto& [prompt, calls] : embedder_.text_calls) EXPECT_EQ(calls, 1) << prompt;
}

TEST_F(ZeroShot, AKeptHeadNeedsNoTextTowerAndScoresTheSame) {
  const TempFolder folder;
  LabelHead head = build_label_head(embedder_, labels_, {"chest {}"}, {"no {}"});
  head.weights_sha256 = embedder_.weights_sha256();
  save_label_head(folder.path / "head.safetensors", head);
  embedder_.text_calls.clear();
  const LabelHead back = load_label_head(folder.path / "head.safetensors");
  EXPECT_NO_THROW(check_label_head(back, embedder_, "head"));
  EXPECT_EQ(back.labels, labels_);
  EXPECT_EQ(back.scores(image_), head.scores(image_));
  EXPECT_TRUE(embedder_.text_calls.empty());
}

TEST_F(ZeroShot, AHeadOfAnotherModelIsRefused) {
  LabelHead head = build_label_head(embedder_, labels_, {}, {});
  head.weights_sha256 = "other";
  EXPECT_THROW(check_label_head(head, embedder_, "head"), Error);
}

TEST_F(ZeroShot, TemplatesAreAveragedAsUnitVectors) {
  embedder_.texts = {{"x A", {9, 0, 0, 0}}, {"y A", {0, 1, 0, 0}}};
  const LabelHead head = build_label_head(embedder_, {"A"}, {"x {}", "y {}"}, {});
  EXPECT_NEAR(head.positive[0], std::sqrt(0.5), 1e-6);
  EXPECT_NEAR(head.positive[1], std::sqrt(0.5), 1e-6);
}

TEST_F(ZeroShot, BadLabelsAndTemplatesAreRefused) {
  EXPECT_THROW(build_label_head(embedder_, {}, {}, {}), Error);
  EXPECT_THROW(build_label_head(embedder_, {"A", "A"}, {}, {}), Error);
  EXPECT_THROW(build_label_head(embedder_, {"A"}, {"chest"}, {}), Error);
  EXPECT_THROW(build_label_head(embedder_, {"A"}, {}, {"none"}), Error);
}

TEST(Labels, AreCommaSeparatedOrLinesOfAFile) {
  EXPECT_EQ(parse_labels("Edema, Pleural Effusion ,,"), (std::vector<std::string>{"Edema", "Pleural Effusion"}));
  const TempFolder folder;
  write_file(folder.path / "labels.txt", "Edema\r\nMass, left\n\n");
  EXPECT_EQ(
      parse_labels("@" + (folder.path / "labels.txt").string()), (std::vector<std::string>{"Edema", "Mass, left"}));
}

}  // namespace
}  // namespace hilum
