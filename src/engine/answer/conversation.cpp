#include "engine/answer/conversation.h"

#include "engine/answer/question_job.h"
#include "engine/study_views.h"

namespace hilum {

Answer answer_of(const AnswerRequest& asked, AnswerResult result) {
  return {.question = *asked.inputs.question,
      .text = std::move(result.text),
      .written = std::move(result.written),
      .finish = result.finish,
      .prompt_tokens = result.generation.prompt_tokens,
      .reused_tokens = result.generation.reused_tokens,
      .completion_tokens = static_cast<int64_t>(result.generation.ids.size())};
}

Conversation::Conversation(const Model& model, const StudyRequest& request, const ConversationOptions& options)
    : model_(model),
      options_(options),
      inputs_(prompt_inputs(request)),
      generator_(model.ops(), model.network(), /*slots=*/1, model.network().config().language.context) {
  check_sampling(options.sampling);
  StudyImages images =
      read_images(model, request, "question", {.allow_mismatch = options.allow_mismatch, .blank = options.blank_image});
  warnings_ = std::move(images.warnings);
  image_features_ = model.network().encode_images(model.ops(), images.pixels);
  far_from_phantoms_ = hilum::far_from_phantoms(model, image_features_);
}

bool Conversation::keeps_history() const { return !model_.preset().chat.question.empty(); }

Answer Conversation::ask(const std::string& question, const std::function<bool(std::string_view)>& listener) {
  std::vector<Turn> turns;
  for (const Answer& answer : answers_) turns.push_back({answer.question, answer.written});
  const AnswerRequest asked = question_request(model_.preset(), inputs_, turns, question,
      {.max_new_tokens = options_.max_new_tokens, .sampling = options_.sampling});
  bool stopped = false;
  AnswerListener told;
  if (listener)
    told = {.text = [&](std::string_view piece) { stopped |= listener(piece); }, .gone = [&] { return stopped; }};
  AnswerJob job(model_, /*images=*/{}, asked, told);
  GenerateRequest request = job.generation(image_features_);
  request.image_key = 1;  // all prompts show the same images
  const int64_t sequence = generator_.add(std::move(request));
  while (generator_.num_running() > 0) generator_.step();
  answers_.push_back(answer_of(asked, job.finish(generator_.take(sequence))));
  return answers_.back();
}

}  // namespace hilum
