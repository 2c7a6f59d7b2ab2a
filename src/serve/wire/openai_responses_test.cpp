#include "serve/wire/openai_responses.h"

#include <nlohmann/json.hpp>

#include "serve/wire/wire_for_test.h"

namespace hilum {
namespace {

TEST(ResponsesRequest, TextsMessagesAndForms) {
  EXPECT_EQ(read_responses(R"({"input":"Hi"})").messages[0].parts[0].text, "Hi");
  const ChatRequest request = read_responses(
      R"({"model":"m","instructions":"Be short.","input":[{"role":"user","content":[{"type":"input_text","text":"a"},
      {"type":"input_image","image_url":"data:image/png;base64,QUJD","detail":"auto"}]},
      {"type":"message","role":"assistant","content":[{"type":"output_text","text":"b"}]},{"role":"user","content":"c"}],
      "text":{"format":{"type":"json_schema","name":"f","strict":true,"schema":{"type":"array"}}},"max_output_tokens":9,
      "stream":true,"store":false,"include":["message.output_text.logprobs"]})");
  EXPECT_EQ(request.messages.size(), 3u);
  EXPECT_EQ(request.messages[0].parts[1].image.bytes, "ABC");
  EXPECT_EQ(request.messages[1].parts[0].text, "b");
  EXPECT_EQ(request.form.text, R"({"type":"array"})");
  EXPECT_EQ(request.form.where, "text.format.schema");
  EXPECT_EQ(request.max_tokens, 9);
  EXPECT_TRUE(request.stream);
  EXPECT_EQ(request.warnings.size(), 1u);
}

TEST(ResponsesRequest, WhatNeedsMemoryOrToolsIsRefusedByName) {
  const std::pair<std::string, std::string> cases[] = {
      {R"({"input":"a","previous_response_id":"resp_1"})", "previous_response_id"},
      {R"({"input":"a","background":true})", "background"},
      {R"({"input":[{"type":"function_call_output","output":"1"}]})", "input[0].type"},
      {R"({"input":"a","tool_choice":"required"})", "tool_choice"},
      {R"({"input":[{"role":"assistant","content":"a"}]})", "input"},
      {R"({"input":[]})", "input"},
      {R"({"input":"a","max_output_tokens":0})", "max_output_tokens"},
      {R"({"input":"a","guided_regex":"a","text":{"format":{"type":"json_object"}}})", "text.format"},
  };
  for (const auto& [body, param] : cases)
    EXPECT_EQ(refusal([&, b = body] { read_responses(b); }).param(), param) << body;
}

const ResponsesHead kResponsesHead{"8f2", 1760000000, "cxr-7b"};

// The form: OpenAI's description of the responses API.
TEST(ResponsesReply, HoldsTheTextAndHowItEnded) {
  const Json json = Json::parse(responses_reply(
      kResponsesHead, {.text = "Clear.", .finish = Finish::kLength, .usage = {12, 2, 5}, .warnings = {"w"}})
          .body);
  EXPECT_EQ(json["id"], "resp_8f2");
  EXPECT_EQ(json["object"], "response");
  EXPECT_EQ(json["status"], "incomplete");
  EXPECT_EQ(json["incomplete_details"]["reason"], "max_output_tokens");
  EXPECT_EQ(json["output"][0]["content"][0].dump(),
      R"({"type":"output_text","text":"Clear.","annotations":[],"logprobs":[]})");
  EXPECT_EQ(json["usage"]["total_tokens"], 14);
  EXPECT_EQ(json["usage"]["input_tokens_details"]["cached_tokens"], 5);
  EXPECT_EQ(json["warnings"].dump(), R"(["w"])");
}

TEST(ResponsesReply, EventsAreNumberedAndEndWithTheWhole) {
  ResponsesEvents events(kResponsesHead);
  std::string stream = events.first();
  stream += events.delta("Cle");
  stream += events.delta("ar.");
  stream += events.last({.text = "Clear.", .usage = {1, 2, 0}});
  std::vector<std::string> names;
  std::string text;
  int64_t number = 0;
  for (size_t at = 0; (at = stream.find("event: ", at)) != std::string::npos;) {
    const size_t line = stream.find('\n', at), end = stream.find("\n\n", at);
    names.push_back(stream.substr(at + 7, line - at - 7));
    const Json data = Json::parse(stream.substr(line + 7, end - line - 7));
    EXPECT_EQ(data["type"], names.back());
    EXPECT_EQ(data["sequence_number"], number++);
    if (data.contains("delta")) text += data["delta"];
    if (data.contains("response") && !data["response"]["output"].empty()) {
      EXPECT_EQ(data["response"]["output"][0]["content"][0]["text"], "Clear.");
    }
    at = end;
  }
  EXPECT_EQ(text, "Clear.");
  EXPECT_THAT(names, testing::ElementsAre("response.created", "response.in_progress", "response.output_item.added",
                         "response.content_part.added", "response.output_text.delta", "response.output_text.delta",
                         "response.output_text.done", "response.content_part.done", "response.output_item.done",
                         "response.completed"));
  EXPECT_THAT(events.failed(RequestError(408, "", "too long")), testing::HasSubstr("\"status\":\"failed\""));
}

}  // namespace
}  // namespace hilum
