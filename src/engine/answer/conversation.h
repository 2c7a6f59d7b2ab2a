// Questions and answers about one study, as `hilum chat` holds them.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/answer/answer_job.h"
#include "engine/model.h"
#include "engine/prompt_tokens.h"
#include "engine/study_request.h"
#include "generation/generate.h"

namespace hilum {

struct ConversationOptions {
  int max_new_tokens = 0;  // an answer; 0: the task's own limit
  Sampling sampling;
  bool allow_mismatch = false;
  bool blank_image = false;
};

struct Answer {
  std::string question, text;  // the text as people see it (engine/answer/answer_text.h)
  std::string written;         // and as the dialogue goes on from it
  Finish finish = Finish::kStop;
  int64_t prompt_tokens = 0, reused_tokens = 0, completion_tokens = 0;
};

Answer answer_of(const AnswerRequest& asked, AnswerResult result);

class Conversation {
 public:
  // Reads and encodes the study's images, once. Throws Error for images at fault and for a preset without a task
  // "question".
  Conversation(const Model& model, const StudyRequest& request, const ConversationOptions& options);

  // The whole dialogue up to now is the prompt, by the preset's [chat]; what of it is in the cache is not run again. A
  // preset without [chat] was made for single questions: each stands alone. `listener` is given the answer's text piece
  // by piece and may stop it by returning true. Throws Error, before any work, where the dialogue has outgrown the
  // model's context, saying what fits.
  Answer ask(const std::string& question, const std::function<bool(std::string_view)>& listener = {});

  const std::vector<std::string>& warnings() const { return warnings_; }  // of the images
  bool far_from_phantoms() const { return far_from_phantoms_; }           // of the demo model
  bool keeps_history() const;
  const std::vector<Answer>& answers() const { return answers_; }
  size_t cache_bytes() const {
    return generator_.cache_bytes();
  }  // for the whole context; what no position reaches costs no memory

 private:
  const Model& model_;
  ConversationOptions options_;
  PromptInputs inputs_;
  Tensor image_features_;  // [N, P, encoder width]
  std::vector<std::string> warnings_;
  std::vector<Answer> answers_;
  bool far_from_phantoms_ = false;
  Generator generator_;
};

}  // namespace hilum
