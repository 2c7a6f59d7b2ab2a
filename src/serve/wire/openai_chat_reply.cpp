#include "serve/wire/openai_chat_reply.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "serve/wire/json_limits.h"
#include "serve/wire/openai_errors.h"
#include "serve/wire/sse.h"

namespace hilum {
namespace {

Json token_json(const TokenLogprob& token) {
  Json bytes = Json::array();
  for (const char c : token.token) bytes.push_back(static_cast<int>(static_cast<uint8_t>(c)));
  return {{"token", mended_utf8(token.token)}, {"logprob", std::isfinite(token.logprob) ? token.logprob : -9999.0},
      {"bytes", std::move(bytes)}};
}

Json logprobs_json(const std::optional<std::vector<TokenLogprobs>>& logprobs) {
  if (!logprobs) return nullptr;
  Json content = Json::array();
  for (const TokenLogprobs& token : *logprobs) {
    Json entry = token_json(token.chosen);
    entry["top_logprobs"] = Json::array();
    for (const TokenLogprob& other : token.top) entry["top_logprobs"].push_back(token_json(other));
    content.push_back(std::move(entry));
  }
  return {{"content", std::move(content)}};
}

Json usage_json(const ChatUsage& usage) {
  return {{"prompt_tokens", usage.prompt_tokens}, {"completion_tokens", usage.completion_tokens},
      {"total_tokens", usage.prompt_tokens + usage.completion_tokens}};
}

Json head_json(const ChatHead& head, const char* object) {
  return {{"id", head.id}, {"object", object}, {"created", head.created}, {"model", head.model}};
}

std::string chunk(const ChatHead& head, Json delta, const Json& finish,
    const std::optional<std::vector<TokenLogprobs>>& logprobs = {}, const std::vector<std::string>& warnings = {}) {
  Json choice = {{"index", 0}, {"delta", std::move(delta)}};
  if (logprobs) choice["logprobs"] = logprobs_json(logprobs);
  choice["finish_reason"] = finish;
  Json json = head_json(head, "chat.completion.chunk");
  json["choices"] = Json::array({std::move(choice)});
  if (!warnings.empty()) json["warnings"] = warnings;
  return sse_event(json_line(json));
}

}  // namespace

std::string finish_reason(Finish finish) { return finish == Finish::kLength ? "length" : "stop"; }

Reply chat_reply(const ChatAnswer& answer) {
  Json json = head_json(answer.head, "chat.completion");
  if (!answer.head.fingerprint.empty()) json["system_fingerprint"] = answer.head.fingerprint;
  Json message = {{"role", "assistant"}, {"content", mended_utf8(answer.text)}};
  Json choice = {{"index", 0}, {"message", std::move(message)}, {"logprobs", logprobs_json(answer.logprobs)}};
  choice["finish_reason"] = finish_reason(answer.finish);
  json["choices"] = Json::array({std::move(choice)});
  json["usage"] = usage_json(answer.usage);
  json["usage"]["prompt_tokens_details"] = {{"cached_tokens", answer.usage.cached_tokens}};
  if (!answer.warnings.empty()) json["warnings"] = answer.warnings;
  Reply reply;
  reply.body = json_line(json);
  return reply;
}

std::string chat_first_event(const ChatHead& head) {
  return chunk(head, {{"role", "assistant"}, {"content", ""}}, nullptr);
}

std::string chat_text_event(
    const ChatHead& head, std::string_view text, const std::optional<std::vector<TokenLogprobs>>& logprobs) {
  return chunk(head, {{"content", std::string(text)}}, nullptr, logprobs);
}

std::string chat_finish_event(const ChatHead& head, Finish finish, const std::vector<std::string>& warnings) {
  return chunk(head, Json::object(), finish_reason(finish), {}, warnings);
}

std::string chat_usage_event(const ChatHead& head, const ChatUsage& usage) {
  Json json = head_json(head, "chat.completion.chunk");
  json["choices"] = Json::array();
  json["usage"] = usage_json(usage);
  return sse_event(json_line(json));
}

std::string chat_done_event() { return sse_event("[DONE]"); }

std::string chat_error_event(const Error& error) { return sse_event(openai_error_json(error)); }
std::string chat_error_event(int status, const std::string& message) {
  return sse_event(openai_error_json(status, message));
}

}  // namespace hilum
