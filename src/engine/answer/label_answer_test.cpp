#include "engine/answer/label_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/study.h"

namespace hilum {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(LabelAnswer, StatesAreReadAsNumbersAndWords) {
  std::string text = "Here it is: {";
  for (const std::string& name : kChexpertLabels) text += "\"" + name + "\": null, ";
  text.resize(text.size() - 2);
  std::vector<std::string> warnings;
  EXPECT_TRUE(labels_in_answer(text + "} Thank you.", warnings).empty());
  EXPECT_TRUE(warnings.empty());
  const auto labels = labels_in_answer(
      R"({"edema": "Present", "Fracture": 0, "Pneumonia": -1, "Lung Lesion": true, "Pneumothorax": "not mentioned"})",
      warnings);
  EXPECT_EQ(labels, (std::map<std::string, int>{{"Edema", 1}, {"Fracture", 0}, {"Pneumonia", -1}, {"Lung Lesion", 1}}));
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("leaves out No Finding")));
}

TEST(LabelAnswer, WhatDoesNotFitIsSaid) {
  std::vector<std::string> warnings;
  EXPECT_EQ(labels_in_answer(R"({"Edema": 1, "Hernia": 1, "Fracture": "maybe", "Pneumonia": 7})", warnings),
      (std::map<std::string, int>{{"Edema", 1}}));
  ASSERT_EQ(warnings.size(), 4u);
  EXPECT_THAT(warnings, testing::IsSupersetOf({HasSubstr("\"Hernia\""), HasSubstr("Fracture the state \"maybe\""),
                            HasSubstr("Pneumonia the state 7")}));
  for (const char* text : {"", "Clear lungs.", "{\"Edema\": 1", "} {", "{\"Edema\" 1}", "[1]"}) {
    warnings.clear();
    EXPECT_TRUE(labels_in_answer(text, warnings).empty());
    EXPECT_THAT(warnings, ElementsAre(HasSubstr("no labels could be read"))) << text;
  }
}

}  // namespace
}  // namespace hilum
