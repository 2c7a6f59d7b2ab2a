#include "data/draw_text.h"

#include <map>
#include <vector>

#include <gtest/gtest.h>

namespace hilum {
namespace {

TEST(DrawText, FindingsAndImpressionAreEachDrawnHalfOfTheSteps) {
  int findings = 0, changes = 0;
  std::string_view before;
  for (uint64_t step = 0; step < 4000; ++step) {
    const std::string_view text = draw_report_text("F.", "I.", study_key(1, step, "s1"));
    ASSERT_TRUE(text == "F." || text == "I.");
    findings += text == "F.";
    changes += step > 0 && text != before;
    before = text;
  }
  EXPECT_NEAR(findings, 2000, 160);  // 5 standard deviations
  EXPECT_NEAR(changes, 2000, 160);   // one step says nothing of the next
}

TEST(DrawText, WhateverOneIsThereIsTaken) {
  for (uint64_t step = 0; step < 20; ++step) {
    const DrawKey key = study_key(1, step, "s1");
    EXPECT_EQ(draw_report_text("", "I.", key), "I.");
    EXPECT_EQ(draw_report_text("F.", " \n", key), "F.");
    EXPECT_EQ(draw_report_text(" ", "", key), "");
  }
}

TEST(DrawText, SeedStepAndStudyEachCount) {
  const auto row = [](uint64_t seed, uint64_t first, const char* id) {
    std::string letters;
    for (uint64_t step = first; step < first + 60; ++step)
      letters += draw_report_text("F", "I", study_key(seed, step, id));
    return letters;
  };
  EXPECT_EQ(row(1, 0, "a"), row(1, 0, "a"));
  EXPECT_NE(row(1, 0, "a"), row(2, 0, "a"));
  EXPECT_NE(row(1, 0, "a"), row(1, 60, "a"));
  EXPECT_NE(row(1, 0, "a"), row(1, 0, "b"));
  EXPECT_EQ(row(1, 0, "a").substr(10), row(1, 10, "a").substr(0, 50));  // resumed
}

TEST(DrawText, CaptionsAreAllDrawnAndEmptyOnesNever) {
  const std::vector<std::string> captions = {"one", "", "two", "  ", "three"};
  std::map<std::string_view, int> counts;
  for (uint64_t step = 0; step < 3000; ++step) ++counts[draw_caption(captions, {4, step, 0})];
  ASSERT_EQ(counts.size(), 3u);
  for (const auto& [caption, count] : counts) EXPECT_NEAR(count, 1000, 130) << caption;
  EXPECT_EQ(draw_caption({}, {4, 0, 0}), "");
  EXPECT_EQ(draw_caption(std::vector<std::string>{" "}, {4, 0, 0}), "");
}

TEST(DrawText, TagsStandInATemplate) {
  const std::vector<std::string> tags = {"polyp", "ulcer"}, templates = {"a photo of {}.", "{}: the {}"};
  std::map<std::string, int> counts;
  for (uint64_t step = 0; step < 4000; ++step) ++counts[draw_tag_text(tags, templates, {4, step, 0})];
  ASSERT_EQ(counts.size(), 4u);
  for (const char* text : {"a photo of polyp.", "a photo of ulcer.", "polyp: the polyp", "ulcer: the ulcer"})
    EXPECT_NEAR(counts[text], 1000, 140) << text;
  EXPECT_EQ(draw_tag_text(std::vector<std::string>{"polyp"}, {}, {4, 0, 0}), "polyp");
  EXPECT_EQ(draw_tag_text({}, templates, {4, 0, 0}), "");
}

}  // namespace
}  // namespace hilum
