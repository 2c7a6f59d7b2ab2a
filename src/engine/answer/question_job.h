// One question about a study, with the dialogue before it: the form of an answer job (answer_job.h) that a server
// takes.
#pragma once

#include <string>
#include <vector>

#include "engine/answer/answer_job.h"

namespace hilum {

struct QuestionOptions {
  int max_new_tokens = 0;  // 0: the task's own limit
  int64_t fills = 0;       // where that is 0: positions that prompt and answer may take instead
  Sampling sampling;
  std::vector<std::string> stop;  // texts that end the answer and are not part of it
  int top_log_probs = 0;
  bool allow_mismatch = false;
  Constraint constraint;  // may hold the answer to a form
};

struct AnsweredQuestion {
  std::string text;
  Finish finish = Finish::kStop;
  Generation generation;
  std::vector<std::string> warnings;  // of the images
  bool far_from_phantoms = false;     // of the demo model
};

// What a preset's task "question" is asked, blanks at the ends of the question cut off. Throws Error for an empty one,
// and for a preset without that task.
AnswerRequest question_request(const Preset& preset, PromptInputs inputs, std::span<const Turn> turns,
    const std::string& question, QuestionOptions options);

class QuestionJob {
 public:
  // Reads the images and makes the prompt. Throws Error as question_request, read_images and AnswerJob do.
  QuestionJob(const Model& model, const StudyRequest& study, std::span<const Turn> turns, const std::string& question,
      QuestionOptions options, AnswerListener listener = {});

  AnswerJob& answer() { return answer_; }
  const Tensor& pixels() const { return answer_.pixels(); }  // host [N, C, H, W]
  int64_t prompt_tokens() const { return answer_.prompt_tokens(); }
  int max_new_tokens() const { return answer_.max_new_tokens(); }
  // features [N, P, D] of the backend; the job must outlive the generation.
  GenerateRequest generation(const Tensor& features) { return answer_.generation(features); }
  AnsweredQuestion finish(Generation answer);

 private:
  QuestionJob(
      const Model& model, const StudyRequest& study, bool allow_mismatch, AnswerRequest asked, AnswerListener listener);

  AnswerJob answer_;
};

}  // namespace hilum
