#include "serve/routes/responses.h"

#include "base/error.h"
#include "base/unix_time.h"
#include "serve/request_error.h"
#include "serve/routes/chat_run.h"
#include "serve/routes/demo_header.h"
#include "serve/wire/openai_responses.h"
#include "serve/wire/sse.h"

namespace hilum {
namespace {

ResponsesAnswer answer_of(const ChatOutcome& outcome) {
  return {.text = outcome.text, .finish = outcome.finish, .usage = outcome.usage, .warnings = outcome.warnings};
}

void send(ChatRun& run, const ResponsesHead& head, const HttpAnswer::Write& write) {
  ResponsesEvents events(head);
  try {
    write(events.first());
    ChatOutcome outcome = run.streamed(
        [&](std::string_view piece) { return write(piece.empty() ? sse_comment("ping") : events.delta(piece)); });
    write(events.last(answer_of(outcome)));
  } catch (const BatchError& e) {
    write(events.failed(request_error(e)));
  } catch (const Error& e) {
    write(events.failed(e));
  } catch (const std::exception&) {
    write(events.failed(RequestError(500, "", "an error inside the server")));
  }
}

}  // namespace

HttpAnswer answer_responses(Service& service, const ChatRequest& asked, const HttpRequest& request) {
  auto run = std::make_shared<ChatRun>(service, asked, request, asked.stream);
  const ResponsesHead head{.id = request.id, .created = unix_seconds(), .model = run->model().name};
  if (asked.stream) {
    HttpAnswer answer;
    answer.reply.content_type = kEventStream;
    add_demo_header(answer.reply, run->model(), false);
    answer.stream = [run, head](const HttpAnswer::Write& write) { send(*run, head, write); };
    return answer;
  }
  const ChatOutcome outcome = run->whole();
  Reply reply = responses_reply(head, answer_of(outcome));
  add_demo_header(reply, run->model(), outcome.far_from_phantoms);
  return reply;
}

}  // namespace hilum
