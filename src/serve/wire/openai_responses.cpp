#include "serve/wire/openai_responses.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "serve/wire/openai_errors.h"
#include "serve/wire/sse.h"

namespace hilum {
namespace {

std::vector<ChatMessage> read_input(const JsonField& input, const ChatLimits& limits) {
  if (input.is_text()) {
    ChatMessage message{.role = "user", .parts = {}};
    message.parts.emplace_back().text = input.text(limits.content.max_text);
    return {message};
  }
  for (size_t i = 0; i < input.need_array().size(); ++i)
    if (const auto type = input.at(i).find("type"); type && type->text(64) != "message")
      type->refuse(400, "is an item that is not read", "Messages are.", "unsupported_item");
  return read_messages(input, limits);
}

Json part_json(std::string_view text) {
  return {{"type", "output_text"}, {"text", mended_utf8(text)}, {"annotations", Json::array()},
      {"logprobs", Json::array()}};
}

Json message_json(const ResponsesHead& head, const char* status, Json content) {
  return {{"id", "msg_" + head.id}, {"type", "message"}, {"status", status}, {"role", "assistant"},
      {"content", std::move(content)}};
}

const char* status_of_finish(Finish finish) { return finish == Finish::kLength ? "incomplete" : "completed"; }

// As far as it is known: with the answer, or before there is one.
Json response_json(const ResponsesHead& head, const ResponsesAnswer* answer) {
  Json json = {{"id", "resp_" + head.id}, {"object", "response"}, {"created_at", head.created},
      {"status", answer ? status_of_finish(answer->finish) : "in_progress"}, {"error", nullptr},
      {"incomplete_details", nullptr}, {"instructions", nullptr}, {"metadata", Json::object()}, {"model", head.model},
      {"output", Json::array()}, {"parallel_tool_calls", false}, {"previous_response_id", nullptr}, {"store", false},
      {"tool_choice", "none"}, {"tools", Json::array()}, {"usage", nullptr}};
  if (!answer) return json;
  if (answer->finish == Finish::kLength) json["incomplete_details"] = {{"reason", "max_output_tokens"}};
  json["output"].push_back(
      message_json(head, status_of_finish(answer->finish), Json::array({part_json(answer->text)})));
  json["usage"] = {{"input_tokens", answer->usage.prompt_tokens},
      {"input_tokens_details", {{"cached_tokens", answer->usage.cached_tokens}}},
      {"output_tokens", answer->usage.completion_tokens}, {"output_tokens_details", {{"reasoning_tokens", 0}}},
      {"total_tokens", answer->usage.prompt_tokens + answer->usage.completion_tokens}};
  if (!answer->warnings.empty()) json["warnings"] = answer->warnings;
  return json;
}

}  // namespace

ChatRequest read_responses(std::string_view body, const ChatLimits& limits) {
  const Json json = parse_body(body, limits.json);
  const JsonField root(json, "");
  root.need_object();
  for (const char* key : {"previous_response_id", "conversation", "prompt"})
    if (const auto field = root.find(key))
      field->refuse(400, "refers to what is kept, and nothing is kept here", "Send the whole dialogue in \"input\".",
          "unsupported_parameter");
  if (const auto background = root.find("background"); background && background->truth())
    background->refuse(400, "is not supported", "Leave it out, or stream the answer.", "unsupported_parameter");
  ChatRequest request;
  request.messages = read_input(root.need("input"), limits);
  if (const auto model = root.find("model")) request.model = model->text(256);
  read_sampling(root, request);
  if (const auto limit = root.find("max_output_tokens"))
    request.max_tokens = static_cast<int>(limit->whole(1, 1'000'000));
  if (const auto stream = root.find("stream")) request.stream = stream->truth();
  request.form = read_asked_form(root);
  if (const auto text = root.find("text"))
    if (const auto format = text->find("format")) {
      AskedForm form = read_response_format(*format);
      if (form.kind != AskedForm::Kind::kFree && request.form.kind != AskedForm::Kind::kFree)
        format->fail("is a second form beside " + request.form.where, "Ask for one.");
      if (form.kind != AskedForm::Kind::kFree) request.form = std::move(form);
    }
  request.warnings = read_not_done(root);
  if (const auto include = root.find("include"); include && include->need_array().size() > 0)
    request.warnings.push_back("include: nothing is added to the answer");
  return request;
}

Reply responses_reply(const ResponsesHead& head, const ResponsesAnswer& answer) {
  Reply reply;
  reply.body = json_line(response_json(head, &answer));
  return reply;
}

std::string ResponsesEvents::event(const char* type, Json json) {
  Json all = {{"type", type}, {"sequence_number", number_++}};
  all.update(json);
  return sse_event(json_line(all), type);
}

std::string ResponsesEvents::first() {
  const Json response = response_json(head_, nullptr);
  std::string all = event("response.created", {{"response", response}});  // one after the other: they are numbered
  all += event("response.in_progress", {{"response", response}});
  all += event(
      "response.output_item.added", {{"output_index", 0}, {"item", message_json(head_, "in_progress", Json::array())}});
  all += event("response.content_part.added",
      {{"item_id", "msg_" + head_.id}, {"output_index", 0}, {"content_index", 0}, {"part", part_json("")}});
  return all;
}

std::string ResponsesEvents::delta(std::string_view text) {
  return event("response.output_text.delta", {{"item_id", "msg_" + head_.id}, {"output_index", 0}, {"content_index", 0},
                                                 {"delta", std::string(text)}, {"logprobs", Json::array()}});
}

std::string ResponsesEvents::last(const ResponsesAnswer& answer) {
  const Json place = {{"item_id", "msg_" + head_.id}, {"output_index", 0}, {"content_index", 0}};
  Json text = place, part = place;
  text["text"] = mended_utf8(answer.text);
  text["logprobs"] = Json::array();
  part["part"] = part_json(answer.text);
  const Json response = response_json(head_, &answer);
  std::string all = event("response.output_text.done", std::move(text));
  all += event("response.content_part.done", std::move(part));
  all += event("response.output_item.done", {{"output_index", 0}, {"item", response["output"][0]}});
  all +=
      event(answer.finish == Finish::kLength ? "response.incomplete" : "response.completed", {{"response", response}});
  return all;
}

std::string ResponsesEvents::failed(const Error& error) {
  Json response = response_json(head_, nullptr);
  response["status"] = "failed";
  response["error"] = {{"code", "server_error"}, {"message", error.what()}};
  return event("response.failed", {{"response", std::move(response)}});
}

}  // namespace hilum
