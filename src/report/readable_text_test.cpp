#include "report/readable_text.h"

#include <gtest/gtest.h>

namespace hilum {
namespace {

constexpr const char* kAnswer =
    "<obj>There is an effusion.<box><x5><y27><x44><y66></box></obj><obj>The heart is < normal.</obj>";

TEST(ReadableText, HoldsTheSentencesWithoutBoxes) {
  EXPECT_EQ(readable_text(kAnswer), "There is an effusion. The heart is < normal.");
}

TEST(ReadableText, NeverTakesBackWhatItGave) {
  const std::string answer = kAnswer;
  std::string before;
  for (size_t length = 0; length <= answer.size(); ++length) {
    const std::string now = readable_text(std::string_view(answer).substr(0, length));
    EXPECT_EQ(now.substr(0, before.size()), before) << length;
    EXPECT_EQ(now.find("<o"), std::string::npos);
    EXPECT_EQ(now.find("<x"), std::string::npos);
    before = now;
  }
}

TEST(ReadableText, AnAnswerWithoutTokensIsItself) {
  EXPECT_EQ(readable_text(" The lungs are clear."), "The lungs are clear.");
  EXPECT_EQ(readable_text("The lungs <ob"), "The lungs ");
}

}  // namespace
}  // namespace hilum
