// One answer of a model about a study on its way: images, prompt, limit, what is to be generated, the text as it comes,
// and its end. Reports (report_job.h), questions (question_job.h), dialogues (conversation.h) and drift (drift.h) are
// forms of it. The network is run by the caller, for one answer or for many in one batch.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/answer/answer_text.h"
#include "engine/answer/dialogue.h"
#include "engine/model.h"
#include "engine/study_views.h"
#include "generation/generate.h"
#include "report/grounded_stream.h"

namespace hilum {

struct AnswerRequest {
  std::string task;
  AnswerForm form = AnswerForm::kPlain;  // how the answer is read
  PromptInputs inputs;                   // the study's sections, the phrase, the question
  std::vector<Turn> turns;               // of the dialogue before it
  int max_new_tokens = 0;                // 0: the task's own limit
  int64_t fills = 0;                     // where that is 0: positions that prompt and answer may take instead
  Sampling sampling;
  std::vector<std::string> stop_texts;  // end the answer and are not part of it, beside the preset's own
  int top_log_probs = 0;                // kept at each place
  Constraint constraint;                // empty: the preset's own (constrain_boxes, of grounded answers)
};

// Told of an answer while it is written. All may be empty.
struct AnswerListener {
  std::function<void(std::string_view)> text;       // readable text as it comes, without what stands for boxes
  std::function<void(const CropFinding&)> finding;  // of grounded answers: each sentence once it is complete
  std::function<bool()> gone;                       // true: nobody waits any more, and the answer ends here
};

struct AnswerResult {
  std::string text, written;  // as people see it, and as a dialogue goes on from it; of grounded answers empty
  GroundedText grounded;      // of grounded answers, each finding with its token_probability
  Finish finish = Finish::kStop;
  Generation generation;
};

class AnswerJob {
 public:
  // Makes the prompt about the images of read_images(), or, with none, about images that were encoded before. Throws
  // Error naming the section or option at fault, and where prompt and answer do not fit the model's context: before
  // anything is run through the network.
  AnswerJob(const Model& model, StudyImages images, AnswerRequest asked, AnswerListener listener = {});
  AnswerJob(const AnswerJob&) = delete;

  const Tensor& pixels() const { return images_.pixels; }  // host [N, C, H, W], in the prompt's order
  const std::vector<int32_t>& prompt() const { return prompt_; }
  int64_t prompt_tokens() const { return static_cast<int64_t>(prompt_.size()); }
  int image_tokens() const { return image_tokens_; }  // of the prompt
  int max_new_tokens() const { return limit_; }
  // As given; whoever needs no views may free their memory.
  StudyImages& images() { return images_; }
  const StudyImages& images() const { return images_; }

  // What is to be generated, the images encoded: features [N, P, D] of the backend. The job must outlive the
  // generation.
  GenerateRequest generation(const Tensor& features);
  bool far_from_phantoms() const { return far_from_phantoms_; }  // of the demo model; known from generation() on
  // The end: tells the listener what was held back. `mode`: how a malformed grounded answer is taken; throws Error for
  // one in strict mode.
  AnswerResult finish(Generation generation, Mode mode = Mode::kLenient);

 private:
  struct GroundedAnswer {
    StreamDecoder decoder;
    GroundedStream stream;
    size_t size = 0;                // bytes so far
    std::vector<size_t> token_end;  // where each token's text ends
  };

  void take_in(std::span<const int32_t> ids);   // those that are new
  bool on_token(std::span<const int32_t> ids);  // true ends the answer

  const Model& model_;
  AnswerRequest asked_;
  AnswerListener listener_;
  StudyImages images_;
  std::vector<int32_t> prompt_;
  int image_tokens_ = 0, limit_ = 0;
  std::optional<AnswerStream> plain_;  // one of the two, by the form
  std::optional<GroundedAnswer> grounded_;
  size_t read_ = 0;  // ids
  bool left_ = false, far_from_phantoms_ = false;
};

}  // namespace hilum
