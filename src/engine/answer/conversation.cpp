#include "engine/answer/conversation.h"

#include "base/error.h"
#include "engine/answer/answer_text.h"
#include "engine/answer/dialogue.h"
#include "report/whitespace.h"

namespace hilum {

Conversation::Conversation(const Model& model, const StudyRequest& request, const ConversationOptions& options)
    : model_(model),
      options_(options),
      task_(task_of(model.preset(), "question")),
      inputs_(prompt_inputs(request)),
      generator_(model.ops(), model.network(), /*slots=*/1, model.network().config().language.context) {
  check_sampling(options.sampling);
  const std::vector<std::string> order = prompt_views(model.preset(), task_.name, inputs_);
  const std::vector<StudyView> views = read_views(model, request, options.allow_mismatch, warnings_);
  image_features_ = model.network().encode_images(model.ops(), stack_pixels(views, order, options.blank_image));
  far_from_phantoms_ = hilum::far_from_phantoms(model, image_features_);
}

bool Conversation::keeps_history() const { return !model_.preset().chat.question.empty(); }

std::vector<TextSegment> Conversation::text(const std::string& question) const {
  std::vector<Turn> turns;
  for (const Answer& answer : answers_) turns.push_back({answer.question, answer.written});
  return dialogue_text(model_.preset(), task_.name, inputs_, turns, question);
}

Answer Conversation::ask(const std::string& asked, const std::function<bool(std::string_view)>& listener) {
  Answer answer{.question = std::string(trim(asked))};
  check(!answer.question.empty(), "question", "is empty", "Ask something about the image.");
  const VlmConfig& network = model_.network().config();
  const std::vector<int32_t> prompt = prompt_ids(
      model_.preset(), text(answer.question), model_.tokenizer(), network.image_token, model_.network().image_tokens());
  const int limit = options_.max_new_tokens > 0 ? options_.max_new_tokens : task_.max_new_tokens;
  check_context(model_.network(), static_cast<int64_t>(prompt.size()), limit);

  AnswerStream stream(model_.preset(), model_.tokenizer());
  bool stopped = false;
  size_t heard = 0;
  GenerateRequest request{.prompt = prompt,
      .image_features = image_features_,
      .image_key = 1,
      .max_new_tokens = limit,
      .sampling = options_.sampling,
      .stop_ids = {model_.token_id(model_.preset().stop_token)}};
  request.on_token = [&](std::span<const int32_t> written) {
    for (; heard < written.size(); ++heard) {
      const std::string piece = stream.push(written[heard]);
      if (listener && !piece.empty() && listener(piece)) stopped = true;
    }
    return stopped || stream.ended();
  };
  const int64_t sequence = generator_.add(std::move(request));
  while (generator_.num_running() > 0) generator_.step();
  const Generation written = generator_.take(sequence);
  const std::string rest = stream.finish();
  if (listener && !rest.empty()) listener(rest);
  answer.text = stream.shown_text(), answer.written = stream.text();
  answer.finish = stopped ? Finish::kStopped : written.finish;
  answer.prompt_tokens = written.prompt_tokens, answer.reused_tokens = written.reused_tokens;
  answer.completion_tokens = static_cast<int64_t>(written.ids.size());
  answers_.push_back(answer);
  return answer;
}

}  // namespace hilum
