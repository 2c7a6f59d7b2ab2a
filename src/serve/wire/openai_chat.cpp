#include "serve/wire/openai_chat.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "serve/wire/reply.h"

namespace hilum {
namespace {

constexpr size_t kMaxStops = 4, kMaxStopBytes = 256;
constexpr int kMaxTokens = 1'000'000;

std::string read_role(const JsonField& role) {
  const std::string name = role.text(32);
  if (name == "developer") return "system";  // its later name
  if (name != "system" && name != "user" && name != "assistant")
    role.fail("is a role that is not known", "system, user and assistant are.");
  return name;
}

ChatMessage read_message(const JsonField& message, const ChatLimits& limits, size_t& num_images) {
  ChatMessage read;
  read.role = read_role(message.need("role"));
  if (read.role == "assistant" && !message.find("content")) return read;  // null: it said nothing
  const JsonField content = message.need("content");
  read.parts = read_content(content, limits.content, num_images);
  for (const ContentPart& part : read.parts)
    if (part.is_image() && read.role != "user") content.fail("holds a picture in a message that is not the user's");
  return read;
}

std::vector<std::string> read_stops(const JsonField& stop) {
  std::vector<std::string> stops;
  const auto add = [&](const JsonField& field) {
    stops.push_back(field.text(kMaxStopBytes));
    if (stops.back().empty()) field.fail("is empty");
  };
  if (stop.is_text()) {
    add(stop);
  } else {
    if (stop.need_array().size() > kMaxStops)
      stop.fail(fmt::format("holds {} strings; {} are read", stop.size(), kMaxStops));
    for (size_t i = 0; i < stop.size(); ++i) add(stop.at(i));
  }
  return stops;
}

// Everything but what is asked.
void read_options(const JsonField& root, ChatRequest& request) {
  if (const auto model = root.find("model")) request.model = model->text(256);
  read_sampling(root, request);
  if (const auto n = root.find("n"); n && n->whole(INT64_MIN, INT64_MAX) != 1)
    n->fail("is not 1", "One answer a request is given.");
  if (const auto stream = root.find("stream")) request.stream = stream->truth();
  if (const auto options = root.find("stream_options"))
    if (const auto usage = options->find("include_usage")) request.include_usage = usage->truth();
  if (const auto logprobs = root.find("logprobs")) request.logprobs = logprobs->truth();
  if (const auto top = root.find("top_logprobs")) {
    request.top_logprobs = static_cast<int>(top->whole(0, 20));
    if (!request.logprobs) top->fail("stands without logprobs", "Add \"logprobs\": true.");
  }
  request.form = read_asked_form(root);
  request.warnings = read_not_done(root);
}

}  // namespace

void read_sampling(const JsonField& root, ChatRequest& request) {
  for (const char* name : {"max_tokens", "max_completion_tokens"})  // the later one wins
    if (const auto limit = root.find(name)) request.max_tokens = static_cast<int>(limit->whole(1, kMaxTokens));
  if (const auto temperature = root.find("temperature")) request.temperature = temperature->number(0, 2);
  if (const auto top_p = root.find("top_p")) {
    request.top_p = top_p->number(0, 1);
    if (*request.top_p == 0) top_p->fail("is 0", "Above 0, to 1. Greedy: \"temperature\": 0.");
  }
  if (const auto top_k = root.find("top_k")) request.top_k = static_cast<int>(top_k->whole(0, kMaxTokens));
  if (const auto seed = root.find("seed")) request.seed = static_cast<uint64_t>(seed->whole(INT64_MIN, INT64_MAX));
  if (const auto stop = root.find("stop")) request.stop = read_stops(*stop);
}

std::vector<ChatMessage> read_messages(const JsonField& messages, const ChatLimits& limits) {
  if (messages.need_array().size() == 0) messages.fail("holds no message");
  if (messages.size() > limits.max_messages)
    messages.fail(fmt::format("holds {} messages; {} are read", messages.size(), limits.max_messages));
  std::vector<ChatMessage> read;
  size_t num_images = 0;
  for (size_t i = 0; i < messages.size(); ++i) read.push_back(read_message(messages.at(i), limits, num_images));
  if (read.back().role != "user")
    messages.fail("ends with a message that is not the user's", "The last one is what is to be answered.");
  return read;
}

ChatRequest read_chat(const JsonField& root, const ChatLimits& limits) {
  ChatRequest request;
  request.messages = read_messages(root.need("messages"), limits);
  read_options(root, request);
  return request;
}

ChatRequest read_prompt(const JsonField& root, const ChatLimits& limits) {
  ChatRequest request;
  ChatMessage& message = request.messages.emplace_back();
  message.role = "user";
  message.parts.emplace_back().text = root.need("prompt").text(limits.content.max_text);
  read_options(root, request);
  return request;
}

ChatRequest read_chat(std::string_view body, const ChatLimits& limits) {
  const Json json = parse_body(body, limits.json);
  const JsonField root(json, "");
  root.need_object();
  return read_chat(root, limits);
}

}  // namespace hilum
