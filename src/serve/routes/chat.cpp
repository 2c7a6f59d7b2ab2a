#include "serve/routes/chat.h"

#include "base/error.h"
#include "base/unix_time.h"
#include "serve/request_error.h"
#include "serve/routes/chat_run.h"
#include "serve/routes/demo_header.h"
#include "serve/wire/mlflow.h"
#include "serve/wire/sse.h"

namespace hilum {
namespace {

ChatHead new_head(const LiveModel& model, const std::string& request_id) {
  return {.id = "chatcmpl-" + request_id,
      .created = unix_seconds(),
      .model = model.name,
      .fingerprint = model.weights_sha256.get().substr(0, 12)};
}

void send(ChatRun& run, const ChatHead& head, const ChatRequest& asked, const HttpAnswer::Write& write) {
  try {
    write(chat_first_event(head));
    const ChatOutcome outcome = run.streamed([&](std::string_view piece) {
      return write(piece.empty() ? sse_comment("ping") : chat_text_event(head, piece));
    });
    if (outcome.logprobs) write(chat_text_event(head, "", outcome.logprobs));
    write(chat_finish_event(head, outcome.finish, outcome.warnings));
    if (asked.include_usage) write(chat_usage_event(head, outcome.usage));
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
  auto run = std::make_shared<ChatRun>(service, asked, request, asked.stream);
  const ChatHead head = new_head(run->model(), request.id);
  if (asked.stream) {
    HttpAnswer answer;
    answer.reply.content_type = kEventStream;
    add_demo_header(answer.reply, run->model(), false);
    answer.stream = [run, head, asked](const HttpAnswer::Write& write) { send(*run, head, asked, write); };
    return answer;
  }
  const ChatOutcome outcome = run->whole();
  Reply reply = chat_reply({.head = head,
      .text = outcome.text,
      .finish = outcome.finish,
      .logprobs = outcome.logprobs,
      .usage = outcome.usage,
      .warnings = outcome.warnings});
  add_demo_header(reply, run->model(), outcome.far_from_phantoms);
  return reply;
}

HttpAnswer answer_prompt(Service& service, const ChatRequest& asked, const HttpRequest& request) {
  ChatRun run(service, asked, request, false);
  const ChatOutcome outcome = run.whole();
  const ChatHead head = new_head(run.model(), request.id);
  Reply reply = completion_reply(head.id, head.created, head.model, outcome.text, outcome.finish,
      outcome.usage.prompt_tokens, outcome.usage.completion_tokens);
  add_demo_header(reply, run.model(), outcome.far_from_phantoms);
  return reply;
}

}  // namespace hilum
