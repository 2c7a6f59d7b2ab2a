#include "eval/studies/drift_scores.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"

namespace hilum {
namespace {

DriftStudy study(const std::string& id, double kl, std::vector<Finding> a, std::vector<Finding> b) {
  DriftStudy made{id, kl, 2 * kl, 1};
  made.a.findings = std::move(a);
  made.b.findings = std::move(b);
  return made;
}

TEST(DriftScores, MeansAreThoseWorkedOutByHand) {
  const BoxNorm lower = {.3, .6, .5, .8}, shifted = {.3, .65, .5, .85};
  const DriftResult result =
      score_drift({study("a", .1, {{"Mild edema.", {}}}, {{"Mild edema.", {}}}),
                      study("b", .3, {{"Small effusion.", {{lower}}}}, {{"No effusion.", {{shifted}}}})},
          3, {});
  ASSERT_EQ(result.rows.size(), 5u);
  EXPECT_DOUBLE_EQ(result.rows[0].value.value, .2);
  EXPECT_DOUBLE_EQ(result.rows[1].value.value, 1);
  EXPECT_DOUBLE_EQ(result.rows[2].value.value, .5);
  EXPECT_DOUBLE_EQ(result.rows[3].value.value, (1 + 12. / 14) / 2);  // effusion 1 and 0; No Finding blank and 1
  EXPECT_NEAR(result.rows[4].value.value, .607142857, 1e-8);         // a has no boxes on either side: not 0, not 1
  EXPECT_DOUBLE_EQ(result.largest_kl, .6);
  EXPECT_EQ(result.largest_kl_study, "b");
  EXPECT_THROW(score_drift({}, 1, {}), Error);
}

}  // namespace
}  // namespace hilum
