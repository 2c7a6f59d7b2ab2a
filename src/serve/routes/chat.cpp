#include "serve/routes/chat.h"

#include <algorithm>
#include <atomic>
#include <chrono>

#include <fmt/format.h>

#include "base/error.h"
#include "base/unix_time.h"
#include "engine/answer/question_job.h"
#include "image/study_checks.h"
#include "serve/request_error.h"
#include "serve/routes/demo_header.h"
#include "serve/routes/piece_queue.h"
#include "serve/sent_image.h"
#include "serve/sent_study.h"
#include "serve/wire/mlflow.h"
#include "serve/wire/openai_chat_reply.h"
#include "serve/wire/sse.h"

namespace hilum {
namespace {

// A dialogue as the engine takes it.
struct PicturedDialogue {
  SentStudy study;
  std::vector<Turn> turns;
  std::string question;
};

std::string text_of(const ChatMessage& message) {
  std::string text;
  for (const ContentPart& part : message.parts)
    if (!part.is_image()) text += (text.empty() ? "" : "\n") + part.text;
  return text;
}

// Whether a second picture says of itself that it is a frontal view.
bool says_frontal(const Service& service, const std::string& bytes) {
  const std::string view = decode_sent(service, bytes, "image").metadata.view_position;
  return !view.empty() && !is_lateral_view(view);
}

PicturedDialogue read_dialogue(const Service& service, const ChatRequest& asked) {
  PicturedDialogue dialogue;
  std::vector<std::string> pictures;
  std::string waiting;  // a question without its answer
  for (const ChatMessage& message : asked.messages) {
    for (const ContentPart& part : message.parts)
      if (part.is_image()) pictures.push_back(part.image.bytes);
    const std::string text = text_of(message);
    if (message.role == "user") {
      waiting += (waiting.empty() || text.empty() ? "" : "\n") + text;
    } else if (message.role == "assistant") {
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

// Everything one answer needs from the first check to the last byte.
struct Chat {
  LiveModel& model;
  PicturedDialogue dialogue;
  PieceQueue pieces;
  std::atomic<bool> gone = false;  // a write failed
  std::function<bool()> left;      // the client closed its side
  std::unique_ptr<QuestionJob> job;
  ChatHead head;
  std::optional<ModelWorker::Place> place;  // last: given back before what its work uses goes

  Chat(const Service& service, LiveModel& which, const ChatRequest& asked, double seconds) : model(which) {
    place.emplace(*which.worker, seconds);  // before any work
    dialogue = read_dialogue(service, asked);
  }
};

ChatHead new_head(const LiveModel& model, const std::string& request_id) {
  return {.id = "chatcmpl-" + request_id,
      .created = unix_seconds(),
      .model = model.name,
      .fingerprint = model.weights_sha256.get().substr(0, 12)};
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
  if (asked.format != ResponseFormat::kText) {
    const auto schema = std::make_shared<const JsonSchema>(
        asked.format == ResponseFormat::kJsonSchema ? JsonSchema::parse(asked.schema) : JsonSchema::any_object());
    options.constraint =
        constrain_to_json(schema, model.token_texts.get(), model.reports->token_id(model.reports->preset().stop_token));
  }
  return options;
}

std::unique_ptr<Chat> begin(Service& service, const ChatRequest& asked, const HttpRequest& request, bool stream) {
  LiveModel& model = service.model(asked.model, Need::kReports);
  auto chat = std::make_unique<Chat>(service, model, asked, request.seconds_allowed());
  chat->head = new_head(model, request.id);
  AnswerListener listener;
  Chat* raw = chat.get();
  if (stream) listener.text = [raw](std::string_view piece) { raw->pieces.push(std::string(piece)); };
  chat->left = request.gone;
  listener.gone = [raw] { return raw->gone.load() || raw->left(); };
  chat->job = std::make_unique<QuestionJob>(*model.reports, study_request(service, chat->dialogue.study),
      chat->dialogue.turns, chat->dialogue.question, options_of(asked, model), listener);
  return chat;
}

GenerationWork work_of(Chat& chat) {
  return work_of(*chat.job, [&chat] { return chat.gone.load() || chat.left(); }, [&chat] { chat.pieces.close(); });
}

ChatUsage usage_of(const Generation& generation) {
  return {.prompt_tokens = generation.prompt_tokens,
      .completion_tokens = static_cast<int64_t>(generation.ids.size()),
      .cached_tokens = generation.reused_tokens};
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

AnsweredQuestion whole_answer(Chat& chat) {
  GenerationOutcome outcome = chat.model.worker->run(*chat.place, work_of(chat));
  return chat.job->finish(std::move(outcome.generation));
}

void send(Chat& chat, const ChatRequest& asked, const HttpAnswer::Write& write) {
  if (!write(chat_first_event(chat.head))) chat.gone = true;
  try {
    chat.model.worker->submit(*chat.place, work_of(chat));
    chat.pieces.pump(kPingEvery, [&](const std::string& piece) {
      if (!write(piece.empty() ? sse_comment("ping") : chat_text_event(chat.head, piece)))
        chat.gone = true;  // the worker sees it and ends
    });
    GenerationOutcome outcome = chat.model.worker->wait(*chat.place);
    const AnsweredQuestion answered = chat.job->finish(std::move(outcome.generation));
    chat.pieces.pump(
        {}, [&](const std::string& piece) { write(chat_text_event(chat.head, piece)); });  // what was held back
    if (asked.logprobs)
      write(chat_text_event(chat.head, "", logprobs_of(chat.model, answered.generation, asked.top_logprobs)));
    write(chat_finish_event(chat.head, answered.finish));
    if (asked.include_usage) write(chat_usage_event(chat.head, usage_of(answered.generation)));
    write(chat_done_event());
  } catch (const BatchError& e) {
    write(chat_error_event(request_error(e)));
  } catch (const Error& e) {
    write(chat_error_event(e));
  } catch (const std::exception&) {
    write(chat_error_event(500, "an error inside the server"));
  }
}

}  // namespace

HttpAnswer answer_chat(Service& service, const ChatRequest& asked, const HttpRequest& request) {
  std::shared_ptr<Chat> chat = begin(service, asked, request, asked.stream);
  if (asked.stream) {
    HttpAnswer answer;
    answer.reply.content_type = kEventStream;
    add_demo_header(answer.reply, chat->model, false);
    answer.stream = [chat, asked](const HttpAnswer::Write& write) { send(*chat, asked, write); };
    return answer;
  }
  const AnsweredQuestion answered = whole_answer(*chat);
  ChatAnswer whole{
      .head = chat->head, .text = answered.text, .finish = answered.finish, .usage = usage_of(answered.generation)};
  if (asked.logprobs) whole.logprobs = logprobs_of(chat->model, answered.generation, asked.top_logprobs);
  Reply reply = chat_reply(whole);
  add_demo_header(reply, chat->model, answered.far_from_phantoms);
  return reply;
}

HttpAnswer answer_prompt(Service& service, const ChatRequest& asked, const HttpRequest& request) {
  std::unique_ptr<Chat> chat = begin(service, asked, request, false);
  const AnsweredQuestion answered = whole_answer(*chat);
  const ChatUsage usage = usage_of(answered.generation);
  Reply reply = completion_reply(chat->head.id, chat->head.created, chat->head.model, answered.text, answered.finish,
      usage.prompt_tokens, usage.completion_tokens);
  add_demo_header(reply, chat->model, answered.far_from_phantoms);
  return reply;
}

}  // namespace hilum
