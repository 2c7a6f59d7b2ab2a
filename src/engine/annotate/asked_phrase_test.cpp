#include "engine/annotate/asked_phrase.h"

#include <gtest/gtest.h>

#include "engine/annotate/named_side.h"

namespace hilum {
namespace {

TEST(AskedPhrase, WhatTheRulesKnowIsNotDoubted) {
  for (const char* phrase : {"Small left pleural effusion.", "nasogastric tube", "PICC", "Hiatal hernia.", "Emphysema",
           "Calcified granuloma.", "Cardiac silhouette enlarged", "Possible pneumonia"})
    EXPECT_TRUE(doubts_of_phrase(phrase).empty()) << phrase;
  for (const char* phrase : {"There is a banana.", "Left lung", "x", "The patient's name"})
    EXPECT_EQ(doubts_of_phrase(phrase).size(), 1u) << phrase;
  EXPECT_EQ(doubts_of_phrase("No pneumothorax or pleural effusion.").size(), 1u);
  EXPECT_TRUE(doubts_of_phrase("No pneumothorax. Edema.").empty());
}

TEST(AskedPhrase, ABoxOnTheOtherSideIsDoubted) {
  Report report{.image_width = 200, .used = {50, 0, 150, 100}};  // the middle of what the model saw: 0.5
  report.findings = {{.text = "x", .boxes = {{{0.3, 0.1, 0.49, 0.2}, {0.6, 0.1, 0.7, 0.2}, {0.4, 0.1, 0.6, 0.2}}}}};
  const auto left = doubts_of_sides("A LEFT effusion", report);  // the patient's left is on the image's right
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0], "box 1 lies on the patient's right if the film is not mirrored; the phrase says left");
  const auto right = doubts_of_sides("right effusion", report);
  ASSERT_EQ(right.size(), 1u);
  EXPECT_EQ(right[0], "box 2 lies on the patient's left if the film is not mirrored; the phrase says right");
  for (const char* phrase : {"effusion", "left and right effusion", "bilateral effusion, left more", "cleft"})
    EXPECT_TRUE(doubts_of_sides(phrase, report).empty()) << phrase;
  report.used = {100, 0, 200, 100};  // the middle at 0.75 of the original
  EXPECT_EQ(doubts_of_sides("left", report).size(), 3u);
  report.findings[0].boxes.reset();
  EXPECT_TRUE(doubts_of_sides("left", report).empty());
}

}  // namespace
}  // namespace hilum
