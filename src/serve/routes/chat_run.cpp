#include "serve/routes/chat_run.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "image/study_checks.h"
#include "report/report.h"
#include "serve/sent_image.h"

namespace hilum {
namespace {

const std::string& far_note() {
  static const std::string note = std::string("\n\nWarning: ") + kDemoWarning + ".";
  return note;
}

// What an answer's note of far pictures added is no part of the dialogue that comes back.
std::string text_of(const ChatMessage& message) {
  std::string text;
  for (const ContentPart& part : message.parts)
    if (!part.is_image()) text += (text.empty() ? "" : "\n") + part.text;
  if (message.role == "assistant" && text.ends_with(far_note())) text.resize(text.size() - far_note().size());
  return text;
}

// Whether a second picture says of itself that it is a frontal view.
bool says_frontal(const Service& service, const std::string& bytes) {
  const std::string view = decode_sent(service, bytes, "image").metadata.view_position;
  return !view.empty() && !is_lateral_view(view);
}

// Empty: the answer is free.
Constraint constraint_of(const AskedForm& form, const LiveModel& model) {
  using Kind = AskedForm::Kind;
  if (form.kind == Kind::kFree) return {};
  const int32_t stop = model.reports->token_id(model.reports->preset().stop_token);
  if (form.kind == Kind::kJsonObject || form.kind == Kind::kJsonSchema)
    return constrain_to_json(
        std::make_shared<const JsonSchema>(
            form.kind == Kind::kJsonSchema ? JsonSchema::parse(form.text, form.where) : JsonSchema::any_object()),
        model.token_texts.get(), stop);
  const TextForm text = form.kind == Kind::kChoice
                            ? TextForm::choices(form.choices, form.where)
                            : TextForm::of({.patterns = {"^(?:" + form.text + ")$"}}, form.where);
  return constrain_to_text(std::make_shared<const TextForm>(text), model.token_texts.get(), stop);
}

QuestionOptions options_of(const ChatRequest& asked, const LiveModel& model) {
  QuestionOptions options;
  options.max_new_tokens = asked.max_tokens.value_or(0);
  options.sampling = {.temperature = static_cast<float>(asked.temperature.value_or(0)),
      .top_p = static_cast<float>(asked.top_p.value_or(1)),
      .top_k = asked.top_k.value_or(0),
      .seed = asked.seed.value_or(0)};
  options.stop = asked.stop;
  options.top_log_probs = asked.logprobs ? std::max(1, asked.top_logprobs) : 0;
  options.constraint = constraint_of(asked.form, model);
  if (options.constraint) options.fills = model.worker->context();
  return options;
}

std::vector<TokenLogprobs> logprobs_of(const LiveModel& model, const Generation& generation, int top) {
  const TokenTexts& texts = *model.token_texts.get();
  std::vector<TokenLogprobs> all;
  for (size_t i = 0; i < generation.ids.size(); ++i) {
    TokenLogprobs one{.chosen = {texts[generation.ids[i]], generation.log_probs[i]}};
    for (size_t k = 0; k < generation.top[i].size() && static_cast<int>(k) < top; ++k)
      one.top.push_back({texts[generation.top[i][k].id], generation.top[i][k].log_prob});
    all.push_back(std::move(one));
  }
  return all;
}

ChatUsage usage_of(const Generation& generation) {
  return {.prompt_tokens = generation.prompt_tokens,
      .completion_tokens = static_cast<int64_t>(generation.ids.size()),
      .cached_tokens = generation.reused_tokens};
}

}  // namespace

ChatRun::Dialogue ChatRun::read_dialogue(const Service& service, const ChatRequest& asked) {
  Dialogue dialogue;
  std::vector<std::string> pictures;
  std::string waiting;  // a question without its answer
  for (const ChatMessage& message : asked.messages) {
    for (const ContentPart& part : message.parts)
      if (part.is_image()) pictures.push_back(part.image.bytes);
    const std::string text = text_of(message);
    if (message.role == "user") {
      waiting += (waiting.empty() || text.empty() ? "" : "\n") + text;
    } else if (message.role == "assistant" && !text.empty()) {
      dialogue.turns.push_back({waiting, text});
      waiting.clear();
    }
  }
  dialogue.question = waiting;
  if (pictures.empty())
    throw RequestError(
        400, "messages", "hold no picture", "Send the radiograph as an image_url part with a data: URI.");
  if (pictures.size() > 3)
    throw RequestError(400, "messages", fmt::format("hold {} pictures", pictures.size()),
        "Send the frontal, and at most a lateral and a prior frontal.");
  dialogue.study.frontal = pictures[0];
  if (pictures.size() == 3) {
    dialogue.study.lateral = pictures[1];
    dialogue.study.prior = pictures[2];
  }
  if (pictures.size() == 2)
    (says_frontal(service, pictures[1]) ? dialogue.study.prior : dialogue.study.lateral) = pictures[1];
  return dialogue;
}

ChatRun::ChatRun(Service& service, const ChatRequest& asked, const HttpRequest& request, bool streams)
    : asked_(asked), model_(service.model(asked.model, Need::kReports)), left_(request.gone) {
  place_.emplace(*model_.worker, request.seconds_allowed());  // before any work
  dialogue_ = read_dialogue(service, asked_);
  AnswerListener listener;
  if (streams) listener.text = [this](std::string_view piece) { pieces_.push(std::string(piece)); };
  listener.gone = [this] { return gone_.load() || left_(); };
  job_ = std::make_unique<QuestionJob>(*model_.reports, study_request(service, dialogue_.study), dialogue_.turns,
      dialogue_.question, options_of(asked_, model_), listener);
}

GenerationWork ChatRun::work() {
  return work_of(*job_, [this] { return gone_.load() || left_(); }, [this] { pieces_.close(); });
}

ChatOutcome ChatRun::outcome(AnsweredQuestion answered) {
  ChatOutcome outcome{.text = std::move(answered.text),
      .finish = answered.finish,
      .usage = usage_of(answered.generation),
      .warnings = asked_.warnings,
      .far_from_phantoms = answered.far_from_phantoms};
  outcome.warnings.insert(outcome.warnings.end(), answered.warnings.begin(), answered.warnings.end());
  if (asked_.logprobs) outcome.logprobs = logprobs_of(model_, answered.generation, asked_.top_logprobs);
  if (!outcome.far_from_phantoms) return outcome;
  outcome.warnings.push_back(kDemoWarning);
  if (asked_.form.kind == AskedForm::Kind::kFree) outcome.text += far_note();
  return outcome;
}

ChatOutcome ChatRun::whole() {
  GenerationOutcome generated = model_.worker->run(*place_, work());
  return outcome(job_->finish(std::move(generated.generation)));
}

ChatOutcome ChatRun::streamed(const std::function<bool(std::string_view piece)>& told) {
  const auto tell = [&](const std::string& piece) {
    if (!told(piece)) gone_ = true;  // the worker sees it and ends
  };
  model_.worker->submit(*place_, work());
  pieces_.pump(kPingEvery, tell);
  GenerationOutcome generated = model_.worker->wait(*place_);
  AnsweredQuestion answered = job_->finish(std::move(generated.generation));
  pieces_.pump({}, tell);  // what was held back
  ChatOutcome all = outcome(std::move(answered));
  if (all.text.ends_with(far_note())) tell(far_note());
  return all;
}

}  // namespace hilum
