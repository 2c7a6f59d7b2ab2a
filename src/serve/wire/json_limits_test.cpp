#include "serve/wire/json_limits.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "serve/wire/openai_errors.h"
#include "serve/wire/sse.h"
#include "serve/wire/wire_for_test.h"

namespace hilum {
namespace {

TEST(ParseBody, GivesWhatTheJsonHolds) {
  const std::string text = R"({"a":[1,-2,3.5,true,null,"\u00e9\ud83d\ude00"],"b":{"c":{}},"d":[]})";
  EXPECT_EQ(parse_body(text), Json::parse(text));
  EXPECT_EQ(parse_body(text).begin().key(), "a");
  EXPECT_EQ(parse_body(" 7 "), Json(7));
}

TEST(ParseBody, RefusesByName) {
  const auto reason = [](const std::string& body) { return std::string(refusal([&] { parse_body(body); }).what()); };
  EXPECT_THAT(reason(""), testing::HasSubstr("is empty"));
  EXPECT_THAT(reason(" \n"), testing::HasSubstr("is empty"));
  EXPECT_THAT(reason("{\"a\":"), testing::HasSubstr("not JSON in UTF-8: trouble at byte 6"));
  EXPECT_THAT(reason("{} x"), testing::HasSubstr("not JSON"));
  EXPECT_THAT(reason("{\"a\":NaN}"), testing::HasSubstr("byte 6 of the body begins NaN"));
  EXPECT_THAT(reason("[1,-Infinity]"), testing::HasSubstr("Infinity, which is no number of JSON. Send null"));
  EXPECT_THAT(reason("[Infinite]"), testing::HasSubstr("not JSON"));
  EXPECT_THAT(reason("[1e999]"), testing::HasSubstr("not finite"));
  EXPECT_THAT(reason("[-1e400]"), testing::HasSubstr("not finite"));
  EXPECT_THAT(reason(R"({"a":1,"b":{"c":1,"c":2}})"), testing::HasSubstr("same key twice"));
  EXPECT_THAT(reason("[\"\xff\"]"), testing::HasSubstr("not JSON in UTF-8"));
  EXPECT_THAT(reason("[\"\xed\xa0\x80\"]"), testing::HasSubstr("not JSON in UTF-8"));
  EXPECT_THAT(reason(R"(["\ud800"])"), testing::HasSubstr("not JSON in UTF-8"));
}

TEST(ParseBody, NeverRepeatsTheBodyInItsRefusals) {
  for (const char* body : {R"({"name":"Jane Roe" "x"})", R"({"Jane Roe":1,"Jane Roe":2})", "{\"a\":\"Jane Roe\xff\"}"})
    EXPECT_THAT(refusal([&] { parse_body(body); }).what(), testing::Not(testing::HasSubstr("Jane")));
}

TEST(ParseBody, HoldsItsLimits) {
  JsonLimits limits{.max_bytes = 100, .max_depth = 3, .max_values = 6, .max_keys = 2};
  EXPECT_NO_THROW(parse_body("[[[1,2,3]]]", limits));
  EXPECT_THAT(refusal([&] { parse_body("[[[[]]]]", limits); }).what(), testing::HasSubstr("deeper than 3"));
  EXPECT_THAT(refusal([&] { parse_body("[1,2,3,4,5,6]", limits); }).what(), testing::HasSubstr("more than 6 values"));
  EXPECT_THAT(
      refusal([&] { parse_body(R"({"a":1,"b":2,"c":3})", limits); }).what(), testing::HasSubstr("more than 2 keys"));
  EXPECT_EQ(refusal([&] { parse_body(std::string(101, ' '), limits); }).status(), 413);
}

TEST(ParseBody, DeepNestingIsRefusedWithoutTheStack) {
  EXPECT_THAT(refusal([&] { parse_body(std::string(10'000'000, '[')); }).what(), testing::HasSubstr("deeper"));
  std::string objects;
  for (int i = 0; i < 1'000'000; ++i) objects += "{\"a\":";
  EXPECT_THAT(refusal([&] { parse_body(objects); }).what(), testing::HasSubstr("deeper"));
}

TEST(OpenaiErrors, TypesByStatus) {  // sheet: ecosystem 2.4
  const std::pair<int, const char*> types[] = {{400, "invalid_request_error"}, {401, "authentication_error"},
      {403, "permission_error"}, {404, "not_found_error"}, {413, "invalid_request_error"}, {429, "rate_limit_error"},
      {500, "server_error"}, {501, "not_supported_error"}, {503, "unavailable_error"}};
  for (const auto& [status, type] : types) EXPECT_EQ(openai_error_type(status), type);
}

TEST(OpenaiErrors, BodyOfTheSheet) {
  EXPECT_EQ(openai_error(400, "...").body,
      R"({"error":{"message":"...","type":"invalid_request_error","param":null,"code":null}})");
  const Reply reply = openai_error(RequestError(404, "model", "\"x\" is not served", "", "model_not_found"));
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.body,
      R"({"error":{"message":"model: \"x\" is not served.","type":"not_found_error","param":"model","code":"model_not_found"}})");
  EXPECT_EQ(openai_error(Error("a.png", "is empty")).status, 400);
}

TEST(OpenaiErrors, BytesThatAreNotUtf8DoNotBreakTheBody) {
  EXPECT_TRUE(Json::accept(openai_error(400, "\xff\xfe").body));
}

TEST(Sse, EventsAndComments) {
  EXPECT_EQ(sse_event("{}"), "data: {}\n\n");
  EXPECT_EQ(sse_event("{}", "piece"), "event: piece\ndata: {}\n\n");
  EXPECT_EQ(sse_event("a\nb\r\nc\rd"), "data: a\ndata: b\ndata: c\ndata: d\n\n");
  EXPECT_EQ(sse_comment("ping"), ": ping\n\n");
}

}  // namespace
}  // namespace hilum
