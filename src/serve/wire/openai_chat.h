// POST /v1/chat/completions: what is asked. Sheet: ecosystem 2.3. Fields not named here are passed over, as the sheet
// asks, but none that limits what may be answered (asked_form.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "serve/wire/asked_form.h"
#include "serve/wire/json_limits.h"
#include "serve/wire/openai_parts.h"

namespace hilum {

struct ChatMessage {
  std::string role;                // "system", "user", "assistant"
  std::vector<ContentPart> parts;  // pictures in user messages only
};

struct ChatRequest {
  std::string model;                  // "" where none is named
  std::vector<ChatMessage> messages;  // at least one; the last is the user's
  std::optional<int> max_tokens;      // max_completion_tokens before max_tokens; 1..1000000
  std::optional<double> temperature;  // 0..2
  std::optional<double> top_p;        // above 0, to 1
  std::optional<int> top_k;           // 0..1000000 (llama-server's)
  std::optional<uint64_t> seed;
  std::vector<std::string> stop;  // at most 4, each 1..256 bytes
  bool stream = false, include_usage = false;
  bool logprobs = false;
  int top_logprobs = 0;  // 0..20, beside the chosen token
  AskedForm form;
  std::vector<std::string> warnings;  // of what was asked and is not done
};

struct ChatLimits {
  JsonLimits json;
  ContentLimits content;
  size_t max_messages = 1000;
};

// Throws RequestError naming the field. n other than 1, roles and parts that are not known, pictures outside user
// messages: 400.
ChatRequest read_chat(std::string_view body, const ChatLimits& limits = {});
ChatRequest read_chat(const JsonField& root, const ChatLimits& limits = {});
// Roles, pictures and the order of a list of messages, as read_chat has them; and how to sample.
std::vector<ChatMessage> read_messages(const JsonField& messages, const ChatLimits& limits);
void read_sampling(const JsonField& root, ChatRequest& request);
// {"prompt":"..."} and the same other fields, as a dialogue of one message.
ChatRequest read_prompt(const JsonField& root, const ChatLimits& limits = {});

}  // namespace hilum
