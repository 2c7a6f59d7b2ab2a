// One question about a study, with the dialogue before it: the twin of ReportJob for plain answers. The caller runs the
// network.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/answer/answer_text.h"
#include "engine/answer/dialogue.h"
#include "engine/study_views.h"
#include "generation/generate.h"

namespace hilum {

struct QuestionOptions {
  int max_new_tokens = 0;  // 0: the task's own limit
  Sampling sampling;
  std::vector<std::string> stop;  // texts that end the answer and are not part of it
  int top_log_probs = 0;
  bool allow_mismatch = false;
  Constraint constraint;  // may hold the answer to a form
};

struct QuestionListener {
  std::function<void(std::string_view)> text;
  std::function<bool()> gone;  // true: nobody waits any more
};

struct AnsweredQuestion {
  std::string text;
  Finish finish = Finish::kStop;
  Generation generation;
  std::vector<std::string> warnings;  // of the pictures
  bool far_from_phantoms = false;     // of the demo model
};

class QuestionJob {
 public:
  // Reads the pictures and makes the prompt. Throws Error for pictures at fault, an empty question, and a preset
  // without a task "question".
  QuestionJob(const Model& model, const StudyRequest& request, std::span<const Turn> turns, const std::string& question,
      QuestionOptions options, QuestionListener listener = {});
  QuestionJob(const QuestionJob&) = delete;

  const Tensor& pixels() const { return pixels_; }  // host [N, C, H, W]
  int64_t prompt_tokens() const { return static_cast<int64_t>(prompt_.size()); }
  int max_new_tokens() const { return limit_; }
  GenerateRequest generation(
      const Tensor& features);  // features [N, P, D] of the backend; the job must outlive the generation
  AnsweredQuestion finish(Generation answer);

 private:
  bool heard(std::span<const int32_t> ids);
  std::string_view before_stop(std::string_view text, bool last);  // what may be told of the text

  const Model& model_;
  QuestionOptions options_;
  QuestionListener listener_;
  std::vector<int32_t> prompt_;
  Tensor pixels_;
  int limit_ = 0;
  AnswerStream stream_;
  std::string written_;  // by the model, as shown
  size_t read_ = 0, told_ = 0;
  bool stopped_ = false;  // by a stop text
  AnsweredQuestion answered_;
};

}  // namespace hilum
