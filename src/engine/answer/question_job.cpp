#include "engine/answer/question_job.h"

#include "base/error.h"
#include "report/whitespace.h"

namespace hilum {

AnswerRequest question_request(const Preset& preset, PromptInputs inputs, std::span<const Turn> turns,
    const std::string& question, QuestionOptions options) {
  check_sampling(options.sampling);
  AnswerRequest asked{.task = task_of(preset, "question").name,
      .inputs = std::move(inputs),
      .turns = {turns.begin(), turns.end()},
      .max_new_tokens = options.max_new_tokens,
      .fills = options.fills,
      .sampling = options.sampling,
      .stop_texts = std::move(options.stop),
      .top_log_probs = options.top_log_probs,
      .constraint = std::move(options.constraint)};
  asked.inputs.question = std::string(trim(question));
  check(!asked.inputs.question->empty(), "question", "is empty", "Ask something about the image.");
  return asked;
}

QuestionJob::QuestionJob(const Model& model, const StudyRequest& study, std::span<const Turn> turns,
    const std::string& question, QuestionOptions options, AnswerListener listener)
    : QuestionJob(model, study, options.allow_mismatch,
          question_request(model.preset(), prompt_inputs(study), turns, question, options), std::move(listener)) {}

QuestionJob::QuestionJob(
    const Model& model, const StudyRequest& study, bool allow_mismatch, AnswerRequest asked, AnswerListener listener)
    : answer_(model, read_images(model, study, asked.task, {.allow_mismatch = allow_mismatch}), asked,
          std::move(listener)) {
  answer_.images().views.clear();  // their memory is free again while the answer is written
}

AnsweredQuestion QuestionJob::finish(Generation generation) {
  AnswerResult answer = answer_.finish(std::move(generation));
  return {.text = std::move(answer.text),
      .finish = answer.finish,
      .generation = std::move(answer.generation),
      .warnings = answer_.images().warnings,
      .far_from_phantoms = answer_.far_from_phantoms()};
}

}  // namespace hilum
