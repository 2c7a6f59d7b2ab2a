#include "engine/answer/answer_text.h"

#include <gtest/gtest.h>

#include "engine/tiny_demo_for_test.h"
#include "text/tokenizer_folder.h"

namespace hilum {
namespace {

class AnswerText : public testing::Test {
 protected:
  void SetUp() override {
    preset.answer.stop_text = "###",
    preset.answer.after_last = "Doctor:", preset.answer.shown = {{"ChatDoctor", "XrayGPT"}};
    fs::copy(HILUM_TESTDATA "/text/sentencepiece.model", folder.path / "tokenizer.model");
    tokenizer.emplace(load_tokenizer_folder(folder.path, {.sentencepiece = true}));
  }
  // The stream after all tokens of `text`; what was shown on the way is in `shown`.
  AnswerStream written(const std::string& text) {
    AnswerStream stream(preset, *tokenizer);
    shown.clear(), tokens = 0;
    for (const int32_t id : tokenizer->encode(text, false)) {
      shown += stream.push(id);
      if (++tokens; stream.ended()) break;
    }
    shown += stream.finish();
    return stream;
  }
  Preset preset;
  TempFolder folder;
  std::optional<Tokenizer> tokenizer;
  std::string shown;
  size_t tokens = 0;
};

TEST_F(AnswerText, EndsAtTheStopTextAndNeverShowsItsBeginning) {
  const AnswerStream stream = written("The lungs are clear. ### Patient: more");
  EXPECT_TRUE(stream.ended());
  EXPECT_EQ(stream.text(), "The lungs are clear.");
  EXPECT_EQ(shown.find('#'), std::string::npos);
  EXPECT_LT(tokens, tokenizer->encode("The lungs are clear. ### Patient: more", false).size());
}

TEST_F(AnswerText, ABeginningThatComesToNothingIsShownAfterAll) {
  EXPECT_EQ(written("Bed #4, lead ##").text(), "Bed #4, lead ##");
  EXPECT_NE(shown.find("lead ##"), std::string::npos);
}

TEST_F(AnswerText, WhatFollowsTheLastMarkerIsTheAnswer) {
  EXPECT_EQ(written("Doctor: I see. Doctor:  Clear lungs. ").text(), "Clear lungs.");
  EXPECT_EQ(written("No marker").text(), "No marker");
}

TEST_F(AnswerText, WordsAreShownAsOthersAndKeptAsWritten) {
  const AnswerStream stream = written("I am ChatDoctor.");
  EXPECT_EQ(stream.text(), "I am ChatDoctor.");
  EXPECT_EQ(stream.shown_text(), "I am XrayGPT.");
  EXPECT_NE(shown.find("XrayGPT"), std::string::npos);
  EXPECT_EQ(shown.find("Chat"), std::string::npos);
}

}  // namespace
}  // namespace hilum
