// POST /v1/responses: OpenAI's later form of chat, with text and pictures. Nothing is kept between requests.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "report/form/finish.h"
#include "serve/wire/openai_chat.h"
#include "serve/wire/openai_chat_reply.h"

namespace hilum {

// `input` (a text, or messages of input_text, input_image and output_text), text.format, max_output_tokens,
// temperature, top_p, stream; `instructions` are passed over as system messages are. Throws RequestError naming the
// field: for previous_response_id and conversation, items that are not messages, and background.
ChatRequest read_responses(std::string_view body, const ChatLimits& limits = {});

struct ResponsesHead {  // the same in every event of one answer
  std::string id;       // of the request; "resp_" and "msg_" go before it
  int64_t created = 0;  // seconds since 1970
  std::string model;
};

struct ResponsesAnswer {
  std::string text;
  Finish finish = Finish::kStop;
  ChatUsage usage;
  std::vector<std::string> warnings;
};

Reply responses_reply(const ResponsesHead& head, const ResponsesAnswer& answer);

// The events of a stream, in their order: first(), a delta() for each piece of whole characters, last(); or failed() in
// place of what is left.
class ResponsesEvents {
 public:
  explicit ResponsesEvents(ResponsesHead head) : head_(std::move(head)) {}
  std::string first();
  std::string delta(std::string_view text);
  std::string last(const ResponsesAnswer& answer);
  std::string failed(const Error& error);

 private:
  std::string event(const char* type, Json json);

  ResponsesHead head_;
  int64_t number_ = 0;
};

}  // namespace hilum
