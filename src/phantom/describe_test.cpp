#include "phantom/describe.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace hilum {
namespace {

TruthFinding finding(const char* kind, double contrast, bool subtle, std::vector<BoxNorm> boxes) {
  return {.kind = kind, .boxes = std::move(boxes), .contrast_to_noise = contrast, .subtle = subtle};
}

TEST(DescribePhantoms, SharesAndSpreadsAreThoseOfTheTruth) {
  TruthFinding gone = finding("mass", 9, false, {}), hidden = finding("effusion", 0, true, {});
  gone.change = "resolved";
  hidden.lateral_only = true;
  const std::vector<StudyTruth> truth = {{"a", true, false, {finding("nodule", 2, true, {{0, 0, 0.1, 0.2}}), gone}},
      {"b", false, true, {finding("nodule", 4, false, {{0, 0, 0.2, 0.2}}), hidden}},
      {"c", false, false, {finding("pacemaker", 7, false, {{0, 0, 0.5, 0.5}})}}, {"d", false, false, {}}};
  const PhantomDescription d = describe_phantoms(truth);
  EXPECT_DOUBLE_EQ(d.normal, 0.5);
  EXPECT_DOUBLE_EQ(d.prior, 0.25);
  EXPECT_DOUBLE_EQ(d.lateral_only, 0.25);
  EXPECT_DOUBLE_EQ(d.subtle, 2.0 / 3);
  for (const KindDescription& k : d.kinds) {
    EXPECT_DOUBLE_EQ(k.rate, k.kind == "nodule" ? 0.5 : k.kind == "pacemaker" ? 0.25 : 0.0) << k.kind;
    if (k.kind != "nodule") continue;
    EXPECT_DOUBLE_EQ(k.subtle.median, 2);
    EXPECT_DOUBLE_EQ(k.clear.median, 4);
    EXPECT_NEAR(k.box_area, 0.04, 1e-12);
  }
  EXPECT_NE(description_table(d).find("| nodule | 50.0 | 2.0 (2.0-2.0) | 4.0 (4.0-4.0) | 4.0 % |"), std::string::npos)
      << description_table(d);
  EXPECT_THROW(describe_phantoms({}), Error);
}

}  // namespace
}  // namespace hilum
