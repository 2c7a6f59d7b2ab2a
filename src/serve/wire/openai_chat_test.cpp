#include "serve/wire/openai_chat.h"
#include "base/utf8.h"

#include <limits>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <nlohmann/json.hpp>

#include "base/replace_all.h"
#include "serve/wire/openai_chat_reply.h"
#include "serve/wire/wire_for_test.h"

namespace hilum {
namespace {

// The sheet's request (ecosystem 2.3) with base64 that is whole.
const std::string kSheetRequest = R"({"model":"cxr-7b","messages":[
  {"role":"system","content":"You describe chest radiographs."},
  {"role":"user","content":[
    {"type":"text","text":"Frontal, then prior frontal. What changed?"},
    {"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw=="}},
    {"type":"image_url","image_url":{"url":"data:application/dicom;base64,AAAA"}}]}],
 "max_tokens":300,"temperature":0,"top_p":1,"seed":1,"stop":["\n\n"],"stream":false,
 "response_format":{"type":"json_schema","json_schema":{"name":"findings","schema":{"type":"object"}}}})";

TEST(ChatRequest, OfTheSheet) {
  const ChatRequest request = read_chat(kSheetRequest);
  EXPECT_EQ(request.model, "cxr-7b");
  ASSERT_EQ(request.messages.size(), 2u);
  EXPECT_EQ(request.messages[0].role, "system");
  EXPECT_EQ(request.messages[0].parts.at(0).text, "You describe chest radiographs.");
  const auto& parts = request.messages[1].parts;
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[0].text, "Frontal, then prior frontal. What changed?");
  EXPECT_FALSE(parts[0].is_image());
  EXPECT_EQ(parts[1].image.bytes, "\x89PNG");
  EXPECT_EQ(parts[2].image.media_type, "application/dicom");
  EXPECT_EQ(request.max_tokens, 300);
  EXPECT_EQ(request.temperature, 0.0);
  EXPECT_EQ(request.top_p, 1.0);
  EXPECT_EQ(request.seed, 1u);
  EXPECT_EQ(request.stop, std::vector<std::string>{"\n\n"});
  EXPECT_FALSE(request.stream);
  EXPECT_EQ(request.form.kind, AskedForm::Kind::kJsonSchema);
  EXPECT_EQ(request.form.text, R"({"type":"object"})");
}

std::string with(const std::string& fields) {
  return R"({"messages":[{"role":"user","content":"Hi"}],)" + fields + "}";
}

TEST(ChatRequest, FieldsThatClientsSend) {
  EXPECT_EQ(read_chat(with(R"("max_tokens":5,"max_completion_tokens":7)")).max_tokens, 7);
  EXPECT_EQ(read_chat(with(R"("max_tokens":5,"max_completion_tokens":null)")).max_tokens, 5);
  EXPECT_FALSE(read_chat(with(R"("max_tokens":null,"temperature":null,"stop":null,"seed":null,"n":null,"stream":null)"))
          .max_tokens);
  EXPECT_EQ(read_chat(with(R"("stop":"END")")).stop, std::vector<std::string>{"END"});
  EXPECT_EQ(read_chat(with(R"("seed":-1)")).seed, std::numeric_limits<uint64_t>::max());
  EXPECT_TRUE(read_chat(with(R"("stream":true,"stream_options":{"include_usage":true})")).include_usage);
  EXPECT_EQ(read_chat(with(R"("logprobs":true,"top_logprobs":3)")).top_logprobs, 3);
  EXPECT_EQ(read_chat(with(R"("response_format":{"type":"json_object"})")).form.kind, AskedForm::Kind::kJsonObject);
  EXPECT_EQ(
      read_chat(with(R"("n":1,"user":"x","frequency_penalty":0.5,"tools":[],"anything":{"goes":[1]})")).messages.size(),
      1u);
  EXPECT_EQ(read_chat(R"({"messages":[{"role":"developer","content":"a"},{"role":"user","content":["b","c"]}]})")
                .messages[0]
                .role,
      "system");
  EXPECT_EQ(read_chat(R"({"messages":[{"role":"user","content":[{"type":"image_url","image_url":"QUJD"}]}]})")
                .messages[0]
                .parts[0]
                .image.bytes,
      "ABC");
}

TEST(ChatRequest, RefusalsNameTheField) {
  const std::tuple<std::string, std::string, std::string> cases[] = {
      {"{}", "request", "has no \"messages\""},
      {R"({"messages":[]})", "messages", "holds no message"},
      {R"({"messages":{}})", "messages", "is an object, not a list"},
      {R"({"messages":[{"role":"user"}]})", "messages[0]", "has no \"content\""},
      {R"({"messages":[{"role":"tool","content":"a"}]})", "messages[0].role", "not known"},
      {R"({"messages":[{"role":"user","content":7}]})", "messages[0].content", "is a number"},
      {R"({"messages":[{"role":"user","content":[{"type":"input_audio"}]}]})", "messages[0].content[0].type",
          "not read"},
      {R"({"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"http://a/b"}}]}]})",
          "messages[0].content[0].image_url.url", "not fetched"},
      {R"({"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,QUJ"}}]}]})",
          "messages[0].content[0].image_url.url", "padding is missing"},
      {R"({"messages":[{"role":"system","content":[{"type":"image_url","image_url":"QUJD"}]},{"role":"user","content":"a"}]})",
          "messages[0].content", "not the user's"},
      {R"({"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]})", "messages", "ends with"},
      {with(R"("n":2)"), "n", "is not 1"},
      {with(R"("max_tokens":0)"), "max_tokens", "from 1 to"},
      {with(R"("max_tokens":1e30)"), "max_tokens", "from 1 to"},
      {with(R"("max_tokens":99999999999999999999)"), "max_tokens", "from 1 to"},
      {with(R"("max_tokens":1.5)"), "max_tokens", "from 1 to"},
      {with(R"("temperature":2.5)"), "temperature", "from 0 to 2"},
      {with(R"("temperature":"0")"), "temperature", "not a number"},
      {with(R"("top_p":0)"), "top_p", "is 0"},
      {with(R"("stop":["a","b","c","d","e"])"), "stop", "4 are read"},
      {with(R"("stop":[""])"), "stop[0]", "is empty"},
      {with(R"("stop":")" + std::string(257, 'x') + "\""), "stop", "256 are read"},
      {with(R"("top_logprobs":3)"), "top_logprobs", "without logprobs"},
      {with(R"("logprobs":true,"top_logprobs":21)"), "top_logprobs", "from 0 to 20"},
      {with(R"("stream":"yes")"), "stream", "not true or false"},
      {with(R"("response_format":{"type":"xml"})"), "response_format.type", "not known"},
      {with(R"("response_format":{"type":"json_schema","json_schema":{}})"), "response_format.json_schema",
          "has no \"schema\""},
  };
  for (const auto& [body, param, text] : cases) {
    const RequestError error = refusal([&, b = body] { read_chat(b); });
    EXPECT_EQ(error.where(), param) << body;
    EXPECT_THAT(error.what(), testing::HasSubstr(text)) << body;
    EXPECT_EQ(error.status(), 400);
  }
}

TEST(ChatRequest, FormsUnderTheirNames) {
  using Kind = AskedForm::Kind;
  const std::tuple<std::string, Kind, std::string> cases[] = {
      {R"("response_format":{"type":"json_object","schema":{"type":"array"}})", Kind::kJsonSchema,
          "response_format.schema"},
      {R"("response_format":{"type":"json_schema","name":"a","schema":{}})", Kind::kJsonSchema,
          "response_format.schema"},
      {R"("json_schema":{"type":"array"})", Kind::kJsonSchema, "json_schema"},
      {R"("guided_json":"{\"type\":\"array\"}")", Kind::kJsonSchema, "guided_json"},
      {R"("guided_regex":"a+")", Kind::kPattern, "guided_regex"},
      {R"("guided_choice":["a","b"])", Kind::kChoice, "guided_choice"},
      {R"("structured_outputs":{"json":{},"regex":null})", Kind::kJsonSchema, "structured_outputs.json"},
      {R"("structured_outputs":{"json_object":true})", Kind::kJsonObject, "structured_outputs.json_object"},
      {R"("structured_outputs":{"choice":["a"],"disable_fallback":true})", Kind::kChoice, "structured_outputs.choice"},
      {R"("response_format":{"type":"text"},"grammar":"","guided_json":null)", Kind::kFree, ""},
  };
  for (const auto& [field, kind, where] : cases) {
    const AskedForm form = read_chat(with(field)).form;
    EXPECT_EQ(form.kind, kind) << field;
    EXPECT_EQ(form.where, where) << field;
  }
}

TEST(ChatRequest, WhatCannotBeDoneIsRefusedOrWarnedOf) {
  const std::pair<std::string, std::string> refused[] = {
      {R"("grammar":"root ::= x")", "grammar"},
      {R"("structured_outputs":{"grammar":"x"})", "structured_outputs.grammar"},
      {R"("guided_regex":"a","guided_choice":["a"])", "guided_choice"},
      {R"("tools":[{}],"tool_choice":"required")", "tool_choice"},
      {R"("tools":[{}],"tool_choice":{"type":"function","function":{"name":"a"}})", "tool_choice"},
      {R"("function_call":{"name":"a"})", "function_call"},
      {R"("logit_bias":{"5":-100})", "logit_bias"},
      {R"("min_tokens":2)", "min_tokens"},
      {R"("modalities":["text","audio"])", "modalities[1]"},
  };
  for (const auto& [field, param] : refused)
    EXPECT_EQ(refusal([&, f = field] { read_chat(with(f)); }).param(), param) << field;
  for (const char* choice :
      {"\"auto\"", "\"none\"", "null", R"({"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[]}})"})
    EXPECT_THAT(read_chat(with(std::string(R"("tools":[{}],"tool_choice":)") + choice)).warnings,
        testing::ElementsAre(testing::StartsWith("tools: ")))
        << choice;
  EXPECT_THAT(
      read_chat(with(R"("frequency_penalty":0.5,"presence_penalty":0,"min_tokens":0,"logit_bias":{})")).warnings,
      testing::ElementsAre("frequency_penalty: is not applied"));
}

TEST(ChatRequest, AnAssistantsNullIsNothingSaid) {
  const ChatRequest request = read_chat(
      R"({"messages":[{"role":"user","content":"a"},{"role":"assistant","content":null},{"role":"user","content":"b"}]})");
  EXPECT_TRUE(request.messages[1].parts.empty());
  EXPECT_THROW(read_chat(R"({"messages":[{"role":"user","content":null}]})"), RequestError);
}

TEST(ChatRequest, PicturesAreCountedOverTheWholeRequest) {
  ChatLimits limits;
  limits.content.max_images = 2;
  const std::string image = R"({"type":"image_url","image_url":"QUJD"})";
  const auto body = [&](const std::string& second) {
    return R"({"messages":[{"role":"user","content":[)" + image + "]},{\"role\":\"user\",\"content\":[" + second +
           "]}]}";
  };
  EXPECT_NO_THROW(read_chat(body(image), limits));
  EXPECT_THAT(refusal([&] { read_chat(body(image + "," + image), limits); }).what(),
      testing::HasSubstr("messages[1].content[1]: is one picture too many"));
}

const ChatHead kHead{"chatcmpl-8f2", 1760000000, "cxr-7b", "b12-3fa9"};

TEST(ChatReply, OfTheSheet) {
  ChatAnswer answer{kHead, "The effusion is smaller.", Finish::kStop, std::nullopt, {1412, 9, 0}, {}};
  std::string expected =
      R"({"id":"chatcmpl-8f2","object":"chat.completion","created":1760000000,"model":"cxr-7b","system_fingerprint":"b12-3fa9",
 "choices":[{"index":0,"message":{"role":"assistant","content":"The effusion is smaller."},"logprobs":null,"finish_reason":"stop"}],
 "usage":{"prompt_tokens":1412,"completion_tokens":9,"total_tokens":1421,"prompt_tokens_details":{"cached_tokens":0}}})";
  replace_all(expected, "\n ", "");
  EXPECT_EQ(chat_reply(answer).body, expected);
}

TEST(ChatReply, StreamOfTheSheet) {
  const std::string stream = chat_first_event(kHead) + chat_text_event(kHead, "The") +
                             chat_finish_event(kHead, Finish::kStop) + chat_usage_event(kHead, {1412, 9, 0}) +
                             chat_done_event();
  EXPECT_EQ(stream,
      R"(data: {"id":"chatcmpl-8f2","object":"chat.completion.chunk","created":1760000000,"model":"cxr-7b","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}

data: {"id":"chatcmpl-8f2","object":"chat.completion.chunk","created":1760000000,"model":"cxr-7b","choices":[{"index":0,"delta":{"content":"The"},"finish_reason":null}]}

data: {"id":"chatcmpl-8f2","object":"chat.completion.chunk","created":1760000000,"model":"cxr-7b","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

data: {"id":"chatcmpl-8f2","object":"chat.completion.chunk","created":1760000000,"model":"cxr-7b","choices":[],"usage":{"prompt_tokens":1412,"completion_tokens":9,"total_tokens":1421}}

data: [DONE]

)");
}

TEST(ChatReply, FinishReasons) {
  EXPECT_EQ(finish_reason(Finish::kStop), "stop");
  EXPECT_EQ(finish_reason(Finish::kLength), "length");
  EXPECT_EQ(finish_reason(Finish::kStopped), "stop");
}

TEST(ChatReply, LogprobsCarryTheTokensBytes) {
  ChatAnswer answer{kHead, "\xc3\xa9", Finish::kStop,
      std::vector<TokenLogprobs>{
          {{"\xc3", -0.5}, {{"\xc3", -0.5}, {"a", -2.0}}}, {{"\xa9", -std::numeric_limits<double>::infinity()}, {}}},
      {}, {}};
  const Json json = Json::parse(chat_reply(answer).body);
  EXPECT_EQ(json["choices"][0]["logprobs"].dump(-1, ' ', true),
      R"({"content":[{"token":"\ufffd","logprob":-0.5,"bytes":[195],"top_logprobs":[{"token":"\ufffd","logprob":-0.5,"bytes":[195]},{"token":"a","logprob":-2.0,"bytes":[97]}]},)"
      R"({"token":"\ufffd","logprob":-9999.0,"bytes":[169],"top_logprobs":[]}]})");
}

TEST(ChatReply, ErrorsInsideAStream) {
  EXPECT_EQ(chat_error_event(500, "out of memory"),
      "data: {\"error\":{\"message\":\"out of memory\",\"type\":\"server_error\",\"param\":null,\"code\":null}}\n\n");
}

TEST(Utf8Pieces, HoldBackWhatIsNotWhole) {
  Utf8Pieces pieces;
  EXPECT_EQ(pieces.push("a\xf0\x9f"), "a");
  EXPECT_EQ(pieces.push("\x98"), "");
  EXPECT_EQ(pieces.push("\x80 b\xc3"), "\xf0\x9f\x98\x80 b");
  EXPECT_EQ(pieces.finish(), "\xef\xbf\xbd");
  EXPECT_EQ(pieces.finish(), "");
}

// Unicode 15, table 3-8: one U+FFFD for each longest beginning of a character.
TEST(Utf8Pieces, MendAsUnicodeAdvises) {
  EXPECT_EQ(mended_utf8("\x61\xf1\x80\x80\xe1\x80\xc2\x62\x80\x63\x80\xbf\x64"),
      "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
      "b\xef\xbf\xbd"
      "c\xef\xbf\xbd\xef\xbf\xbd"
      "d");
  EXPECT_EQ(mended_utf8("\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41"),
      "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
      "A");
  EXPECT_EQ(mended_utf8("\xed\xa0\x80\xed\xbf\xbf\x41"),
      "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
      "A");
}

RC_GTEST_PROP(Utf8Pieces, AnyCutGivesTheSameText, ()) {
  const auto bytes = *rc::gen::container<std::string>(
      rc::gen::elementOf(std::string("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xff\xed\xa0")));
  Utf8Pieces pieces;
  std::string joined;
  for (size_t at = 0; at < bytes.size();) {
    const auto length = *rc::gen::inRange<size_t>(1, 5);
    const std::string piece = pieces.push(std::string_view(bytes).substr(at, length));
    RC_ASSERT(mended_utf8(piece) == piece);  // whole characters
    joined += piece;
    at += length;
  }
  RC_ASSERT(joined + pieces.finish() == mended_utf8(bytes));
}

}  // namespace
}  // namespace hilum
