#include "engine/answer/conversation.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "engine/tiny_demo_for_test.h"
#include "image/encode.h"
#include "ops/trace/trace_ops.h"

namespace hilum {
namespace {

// CXR-LLaVA's golden weights: what it says is noise, but its dialogues have the published form.
class Dialogue : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* file : {"config.json", "model.safetensors"})
      fs::copy(fs::path(HILUM_TESTDATA "/models/cxr-llava") / file, folder.path / file);
    fs::copy(HILUM_TESTDATA "/text/sentencepiece.model", folder.path / "tokenizer.model");
    Image picture{.width = 40, .height = 52, .channels = 1, .bits = 8};
    for (int i = 0; i < 40 * 52; ++i) picture.data8.push_back(static_cast<uint8_t>(i * 7));
    write_png(folder.path / "film.png", picture);
    write_file(folder.path / "hilum.toml", "preset = \"cxr-llava\"\n[language]\ncontext = 700\n");
    model = Model::load(folder.path, {.threads = 1});
  }
  StudyRequest request() const { return {.study_id = "x", .frontal = folder.path / "film.png"}; }

  TempFolder folder;
  std::unique_ptr<Model> model;
};

TEST_F(Dialogue, EarlierTurnsAndThePictureAreNotRunAgain) {
  Conversation talk(*model, request(), {.max_new_tokens = 8});
  const Answer first = talk.ask("Is the heart large?");
  EXPECT_EQ(first.reused_tokens, 0);
  const Answer second = talk.ask(" And the lungs? ");
  EXPECT_EQ(second.question, "And the lungs?");
  EXPECT_GT(second.prompt_tokens, first.prompt_tokens + first.completion_tokens);
  // The answer is joined to the prompt as text, so its last pieces may be cut otherwise; all before it is held.
  EXPECT_GE(second.reused_tokens, first.prompt_tokens - 1);
  const Answer third = talk.ask("Anything else?");
  EXPECT_GE(third.reused_tokens, second.prompt_tokens - 1);
}

TEST_F(Dialogue, AListenerHearsTheAnswerAndMayStopIt) {
  Conversation talk(*model, request(), {.max_new_tokens = 30});
  std::string heard;
  const Answer whole = talk.ask("Is the heart large?", [&](std::string_view piece) {
    heard += piece;
    return false;
  });
  EXPECT_NE(heard.find(whole.text), std::string::npos);
  Conversation short_talk(*model, request(), {.max_new_tokens = 30});
  int pieces = 0;
  const Answer cut = short_talk.ask("Is the heart large?", [&](std::string_view) { return ++pieces == 3; });
  EXPECT_EQ(cut.finish, Finish::kStopped);
  EXPECT_LT(cut.completion_tokens, whole.completion_tokens);
}

TEST_F(Dialogue, OutgrowingTheContextIsSaidBeforeWork) {
  Conversation talk(*model, request(), {.max_new_tokens = 60});
  std::string problem;
  for (int i = 0; i < 30 && problem.empty(); ++i) try {
      talk.ask("Is there a small left pleural effusion?");
    } catch (const Error& error) {
      problem = error.what();
    }
  EXPECT_NE(problem.find("context holds 700"), std::string::npos) << problem;
  EXPECT_THROW(talk.ask("  "), Error);
}

// The demo model's form was trained on single questions.
TEST(SingleQuestions, EachStandsAlone) {
  const TempFolder folder;
  write_tiny_demo(folder.path, true);
  Image picture{.width = 32, .height = 32, .channels = 1, .bits = 8};
  for (int i = 0; i < 32 * 32; ++i) picture.data8.push_back(static_cast<uint8_t>(i));
  write_png(folder.path / "film.png", picture);
  const auto model = Model::load(folder.path, {.threads = 1});
  const StudyRequest request{.study_id = "x", .frontal = folder.path / "film.png"};
  Conversation talk(*model, request, {.max_new_tokens = 10});
  EXPECT_FALSE(talk.keeps_history());
  EXPECT_TRUE(talk.far_from_phantoms());
  const Answer heart = talk.ask("Is the heart large?"), lungs = talk.ask("Are the lungs clear?");
  EXPECT_GT(lungs.reused_tokens, model->network().image_tokens());  // the picture is held
  Conversation alone(*model, request, {.max_new_tokens = 10});
  EXPECT_EQ(alone.ask("Are the lungs clear?").text, lungs.text);
  EXPECT_EQ(heart.prompt_tokens > 0, true);
}

}  // namespace
}  // namespace hilum
