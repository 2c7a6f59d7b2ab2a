// POST /v1/chat/completions: what is answered, whole and as a stream. Sheet: ecosystem 2.3.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/form/finish.h"
#include "serve/wire/reply.h"

namespace hilum {

struct ChatUsage {
  int64_t prompt_tokens = 0, completion_tokens = 0, cached_tokens = 0;
};

struct TokenLogprob {
  std::string token;   // its bytes as they stand in the text; may be part of a character
  double logprob = 0;  // natural logarithm; -inf is written as -9999
};
struct TokenLogprobs {
  TokenLogprob chosen;
  std::vector<TokenLogprob> top;  // most likely first
};

struct ChatHead {       // the same in every chunk of one answer
  std::string id;       // "chatcmpl-..."
  int64_t created = 0;  // seconds since 1970
  std::string model;
  std::string fingerprint;  // system_fingerprint of the whole answer; "": left out
};

struct ChatAnswer {
  ChatHead head;
  std::string text;
  Finish finish = Finish::kStop;
  std::optional<std::vector<TokenLogprobs>> logprobs;
  ChatUsage usage;
  std::vector<std::string> warnings;  // "warnings" beside the choices, where there are any
};

// OpenAI's word: "stop" or "length".
std::string finish_reason(Finish finish);

Reply chat_reply(const ChatAnswer& answer);

// The events of a stream, in their order. `text` must be whole characters (Utf8Pieces); logprobs: of the tokens whose
// text ends in this piece.
std::string chat_first_event(const ChatHead& head);  // the role
std::string chat_text_event(
    const ChatHead& head, std::string_view text, const std::optional<std::vector<TokenLogprobs>>& logprobs = {});
std::string chat_finish_event(const ChatHead& head, Finish finish, const std::vector<std::string>& warnings = {});
std::string chat_usage_event(const ChatHead& head, const ChatUsage& usage);  // only where include_usage was asked for
std::string chat_done_event();                                               // data: [DONE]
// In place of what is left, for an error after the stream began.
std::string chat_error_event(const Error& error);
std::string chat_error_event(int status, const std::string& message);

}  // namespace hilum
