#include "engine/answer/question_job.h"

#include <algorithm>

#include "base/error.h"
#include "report/whitespace.h"

namespace hilum {

QuestionJob::QuestionJob(const Model& model, const StudyRequest& request, std::span<const Turn> turns,
    const std::string& question, QuestionOptions options, QuestionListener listener)
    : model_(model),
      options_(std::move(options)),
      listener_(std::move(listener)),
      stream_(model.preset(), model.tokenizer()) {
  check_sampling(options_.sampling);
  const PresetTask& task = task_of(model.preset(), "question");
  const std::string asked(trim(question));
  check(!asked.empty(), "question", "is empty", "Ask something about the image.");
  const PromptInputs inputs = prompt_inputs(request);
  const std::vector<StudyView> views = read_views(model, request, options_.allow_mismatch, answered_.warnings);
  pixels_ = stack_pixels(views, prompt_views(model.preset(), task.name, inputs), /*blank=*/false);
  prompt_ = prompt_ids(model.preset(), dialogue_text(model.preset(), task.name, inputs, turns, asked),
      model.tokenizer(), model.network().config().image_token, model.network().image_tokens());
  limit_ = options_.max_new_tokens > 0 ? options_.max_new_tokens : task.max_new_tokens;
  check_context(model.network(), prompt_tokens(), limit_);
}

GenerateRequest QuestionJob::generation(const Tensor& features) {
  answered_.far_from_phantoms = far_from_phantoms(model_, features);
  GenerateRequest request{.prompt = prompt_,
      .image_features = features,
      .max_new_tokens = limit_,
      .sampling = options_.sampling,
      .stop_ids = {model_.token_id(model_.preset().stop_token)},
      .top_log_probs = options_.top_log_probs,
      .constraint = options_.constraint};
  request.on_token = [this](std::span<const int32_t> ids) { return heard(ids); };
  return request;
}

// Up to the first stop text; unless it is the `last` of it, without an end that may become one.
std::string_view QuestionJob::before_stop(std::string_view text, bool last) {
  size_t end = text.size();
  for (const std::string& stop : options_.stop)
    if (const size_t at = text.find(stop); at < end) end = at, stopped_ = true;
  if (stopped_ || last) return text.substr(0, end);
  size_t held = 0;
  for (const std::string& stop : options_.stop)
    for (size_t n = std::min(stop.size() - 1, text.size()); n > held; --n)
      if (text.ends_with(std::string_view(stop).substr(0, n))) held = n;
  return text.substr(0, text.size() - held);
}

bool QuestionJob::heard(std::span<const int32_t> ids) {
  for (; read_ < ids.size(); ++read_) written_ += stream_.push(ids[read_]);
  const std::string_view now = before_stop(written_, false);
  if (listener_.text && now.size() > told_) listener_.text(now.substr(told_));
  told_ = std::max(told_, now.size());
  return stopped_ || stream_.ended() || (listener_.gone && listener_.gone());
}

AnsweredQuestion QuestionJob::finish(Generation answer) {
  written_ += stream_.finish();
  const std::string_view all = before_stop(written_, true);
  if (listener_.text && all.size() > told_) listener_.text(all.substr(told_));
  answered_.text = stopped_ ? std::string(trim_left(all)) : stream_.shown_text();  // before a stop text, blanks and all
  answered_.finish = answer.finish;
  answered_.generation = std::move(answer);
  return std::move(answered_);
}

}  // namespace hilum
