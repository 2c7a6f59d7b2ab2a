#include "engine/batch/run_dialogues.h"

#include <numeric>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/batch/phantom_model_for_test.h"

namespace hilum {
namespace {

const std::vector<std::string> kQuestions = {"Is the heart large?", "And the lungs?", "Anything else?"};

std::string line_of(const Answer& answer) {
  return fmt::format("{}|{}|{}|{}|{}|{}", answer.question, answer.text, answer.written, finish_word(answer.finish),
      answer.prompt_tokens, answer.completion_tokens);
}

TEST(RunDialogues, EachStudyGetsTheAnswersItGetsAlone) {
  const PhantomModel made(5);
  std::vector<StudyRequest> studies;
  for (int i = 0; i < 5; ++i) studies.push_back(made.study(i));
  studies[2].frontal = made.folder.path / "gone.png";
  std::vector<size_t> rows(studies.size());
  std::iota(rows.begin(), rows.end(), 0);
  const ConversationOptions options{.max_new_tokens = 9, .sampling = {.temperature = 0.8f, .seed = 3}};
  for (const int sequences : {1, 3, 8}) {
    size_t next = 0;
    run_dialogues(
        *made.model, {.sequences = sequences, .backend = {.threads = 1}}, studies, rows, kQuestions, options,
        [&](size_t row, const StudyDialogue& dialogue) {
          EXPECT_EQ(row, next++);
          Conversation talk(*made.model, studies[row], options);
          ASSERT_EQ(dialogue.answers.size(), kQuestions.size());
          for (size_t i = 0; i < kQuestions.size(); ++i)
            EXPECT_EQ(line_of(dialogue.answers[i]), line_of(talk.ask(kQuestions[i]))) << row << " " << sequences;
        },
        [&](size_t row, const Error& error) {
          EXPECT_EQ(row, next++);
          EXPECT_EQ(row, 2u);
          EXPECT_NE(std::string(error.what()).find("gone.png"), std::string::npos) << error.what();
        });
    EXPECT_EQ(next, studies.size());
  }
}

}  // namespace
}  // namespace hilum
