#include "engine/answer/answer_text.h"

#include <gtest/gtest.h>

#include "base/rng.h"
#include "engine/tiny_demo_for_test.h"
#include "text/tokenizer_folder.h"

namespace hilum {
namespace {

class AnswerText : public testing::Test {
 protected:
  void SetUp() override {
    preset.answer.stop_text = "###";
    preset.answer.after_last = "Doctor:";
    preset.answer.shown = {{"ChatDoctor", "XrayGPT"}};
    fs::copy(HILUM_TESTDATA "/text/sentencepiece.model", folder.path / "tokenizer.model");
    tokenizer.emplace(load_tokenizer_folder(folder.path, {.sentencepiece = true}));
  }
  // The stream after all tokens of `text`; what was shown on the way is in `shown`.
  AnswerStream written(const std::string& text) {
    AnswerStream stream(preset, *tokenizer);
    shown.clear();
    tokens = 0;
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

TEST_F(AnswerText, AnAnswerHeldToAFormKeepsThePresetsWords) {
  AnswerStream stream(preset, *tokenizer, {}, /*is_held=*/true);
  const std::string text = R"({"text": "Doctor: ### ChatDoctor"})";
  std::string told;
  for (const int32_t id : tokenizer->encode(text, false)) told += stream.push(id);
  told += stream.finish();
  EXPECT_FALSE(stream.ended());
  EXPECT_EQ(stream.shown_text(), text);
  EXPECT_NE(told.find("###"), std::string::npos);
}

TEST_F(AnswerText, TokensOfTheGroundedFormAreNotShown) {
  const Tokenizer demo = load_tokenizer_folder(fs::path(HILUM_TESTDATA).parent_path() / "models" / "demo");
  AnswerStream stream(Preset(), demo);
  std::string told;
  for (const int32_t id : demo.encode("<obj>Left effusion.<box><x36><y99></box></obj>", false)) told += stream.push(id);
  told += stream.finish();
  EXPECT_EQ(stream.shown_text(), "Left effusion.");
  EXPECT_EQ(told.find('<'), std::string::npos) << told;
}

TEST_F(AnswerText, WordsAreShownAsOthersAndKeptAsWritten) {
  const AnswerStream stream = written("I am ChatDoctor.");
  EXPECT_EQ(stream.text(), "I am ChatDoctor.");
  EXPECT_EQ(stream.shown_text(), "I am XrayGPT.");
  EXPECT_NE(shown.find("XrayGPT"), std::string::npos);
  EXPECT_EQ(shown.find("Chat"), std::string::npos);
}

// The slow twin: what may be shown of a whole text.
std::string before_stop(const std::string& text, const std::vector<std::string>& stops) {
  size_t end = std::string::npos, held = 0;
  for (const std::string& stop : stops) end = std::min(end, text.find(stop));
  if (end != std::string::npos) return text.substr(0, end);
  for (const std::string& stop : stops)
    for (size_t n = 1; n < stop.size(); ++n)
      if (text.ends_with(stop.substr(0, n))) held = std::max(held, n);
  return text.substr(0, text.size() - held);
}

// Random texts of two letters, so that stop texts overlap and begin in vain.
TEST(StopTextsTest, CutAnywhereShowsWhatTheWholeTextUpToThereShows) {
  const std::vector<std::string> stops = {"abba", "babb", "aaaa"};
  Rng rng(11);
  int ended = 0;
  for (int round = 0; round < 2000; ++round) {
    std::string text, shown;
    StopTexts stream(stops);
    for (int pieces = 0; pieces < 12 && !stream.ended(); ++pieces) {
      std::string piece;
      for (uint32_t i = 0, size = rng.below(4); i < size; ++i) piece += rng.chance(0.5) ? 'a' : 'b';
      text += piece;
      shown += stream.push(piece);
      ASSERT_EQ(shown, before_stop(text, stops)) << text;
    }
    ended += stream.ended();
    if (stream.ended()) EXPECT_EQ(stream.push("more", true), "");
    else EXPECT_EQ(shown + stream.push("", /*last=*/true), text);
  }
  EXPECT_GT(ended, 200);
  EXPECT_LT(ended, 1900);
}

TEST(StopTextsTest, WithoutStopTextsEverythingIsShownAtOnce) {
  StopTexts stream({""});
  EXPECT_EQ(stream.push("ab"), "ab");
  EXPECT_EQ(stream.push("c", true), "c");
  EXPECT_FALSE(stream.ended());
}

}  // namespace
}  // namespace hilum
