#include "serve/wire/json_constraint.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <nlohmann/json.hpp>

#include <regex>

#include "base/json.h"
#include "base/rng.h"
#include "serve/wire/wire_for_test.h"

namespace hilum {
namespace {

JsonConstraint constraint_of(const std::string& schema) {
  return JsonConstraint(std::make_shared<JsonSchema>(JsonSchema::parse(schema)));
}

// "ok": may end here; "more": may go on alone; "no": refused.
std::string verdict(const std::string& schema, const std::string& text) {
  JsonConstraint constraint = constraint_of(schema);
  if (!constraint.advance(text)) return "no";
  return constraint.complete() ? "ok" : "more";
}

const std::string kFindings =
    R"({"type":"object","properties":{"findings":{"type":"array","maxItems":3,"items":{"type":"object","properties":{
  "text":{"type":"string","maxLength":20},"boxes":{"type":["array","null"],"items":{"type":"array","items":{"type":"number"},"minItems":4,"maxItems":4}},
  "certainty":{"enum":["possible","probable","possibly absent"]}},"required":["text","boxes"],"additionalProperties":false}},
  "Heart Size":{"type":"integer"},"urgent":{"type":"boolean"}},"required":["findings"]})";

TEST(JsonConstraint, HoldsTheTextToItsSchema) {
  const std::tuple<std::string, std::string, std::string> cases[] = {
      {kFindings, R"({"findings":[]})", "ok"},
      {kFindings, R"({ "findings" : [ {"boxes": null, "text": "Small é effusion."} ], "Heart Size": -3 })", "ok"},
      {kFindings,
          "{\n  \"urgent\": true,\n  \"findings\": [\n    {\"text\": \"\", \"boxes\": [[0.1, 2e-3, 1, 0]], "
          "\"certainty\": \"possibly absent\"}\n  ]\n}",
          "ok"},
      {kFindings, R"({"find)", "more"},
      {kFindings, R"({})", "no"},
      {kFindings, R"({"urgent":true})", "no"},
      {kFindings, R"({"urgent":true,)", "more"},
      {kFindings, R"({"findings":[],"findings")", "no"},
      {kFindings, R"({"findings":[],"urgent":true,"Heart Size":1,)", "no"},
      {kFindings, R"({"findings":[{"text":"a"}])", "no"},
      {kFindings, R"({"findings":[{"text":"a","boxes":[[1,2,3]])", "no"},
      {kFindings, R"({"findings":[{"text":"a","boxes":[[1,2,3,4,)", "no"},
      {kFindings, R"({"findings":[{"text":"aaaaaaaaaaaaaaaaaaaaa)", "no"},
      {kFindings, R"({"findings":[{"text":"a","boxes":null,"certainty":"certain)", "no"},
      {kFindings, R"({"other)", "no"},
      {kFindings, R"({"findings":[],"Heart Size":1.)", "no"},
      {kFindings, R"( {)", "no"},
      {kFindings, R"({"findings":[]} )", "no"},
      {kFindings, R"([)", "no"},
      {R"({"type":"integer"})", "-12", "ok"},
      {R"({"type":"integer"})", "01", "no"},
      {R"({"type":"integer"})", "-", "more"},
      {R"({"type":"number"})", "1.5e+10", "ok"},
      {R"({"type":"number"})", "1e999", "no"},
      {R"({"type":"number"})", "NaN", "no"},
      {R"({"type":"string","minLength":2})", R"("a")", "no"},
      {R"({"type":"string","maxLength":2})", R"("\u00e9\n")", "ok"},
      {R"({"type":"string"})", R"("\ud83d)", "no"},
      {R"({"type":"string"})", R"("\ud7ff")", "ok"},
      {R"({"type":"string"})", "\"\xe9\"", "no"},
      {R"({"type":"string"})", "\"\xf0\x9f", "more"},
      {R"({"type":"string"})", "\"a\nb\"", "no"},
      {R"({"type":"string"})", R"("\x)", "no"},
      {R"({"enum":[1,12,"a",null]})", "1", "ok"},
      {R"({"enum":[1,12,"a",null]})", "12", "ok"},
      {R"({"enum":[1,12,"a",null]})", "13", "no"},
      {R"({"enum":[1,12,"a",null]})", "null", "ok"},
      {R"({"const":"A \"b\""})", R"("A \"b\"")", "ok"},
      {R"({"type":"array","items":{"enum":[1,12]}})", "[1,12 , 1]", "ok"},
      {R"({"type":"array","minItems":1})", "[]", "no"},
      {R"({"type":"array"})", R"([1,"a",{"b":[true,null]}])", "ok"},
      {R"({"type":"array"})", "[1,]", "no"},
      {R"({"type":"array"})", "[,", "no"},
      {R"({"type":"object"})", R"({"a":{"b":[]},"c":false})", "ok"},
      {R"({"type":"object"})", R"({"a":1,})", "no"},
      {R"({"type":"object"})", R"({"a" 1)", "no"},
      {R"({"type":"object","additionalProperties":false})", R"({})", "ok"},
      {R"({"type":"object","additionalProperties":false})", R"({")", "no"},
      {R"({"type":["boolean","null"]})", "null", "ok"},
      {R"({"type":"boolean"})", "null", "no"},
      {R"({"type":"null"})", "true", "no"},
      {"{}", "\"x\"", "ok"},
      {R"({"type":"array"})", "[" + std::string(16, ' ') + "]", "ok"},
      {R"({"type":"array"})", "[" + std::string(17, ' '), "no"},
  };
  for (const auto& [schema, text, expected] : cases)
    EXPECT_EQ(verdict(schema, text), expected) << schema << "\n" << text;
}

TEST(JsonConstraint, PiecesMayEndAnywhereAndARefusalChangesNothing) {
  JsonConstraint constraint = constraint_of(kFindings);
  for (const char* piece : {"{\"fin", "dings\":", " [{\"te", "xt\":\"\xc3", "\xa9\",", "\"boxes\":[[", "0.1,", "1"}) {
    EXPECT_TRUE(constraint.accepts(piece)) << piece;
    EXPECT_FALSE(constraint.advance("]]]]]"));
    EXPECT_TRUE(constraint.advance(piece)) << piece;
  }
  EXPECT_FALSE(constraint.complete());
  EXPECT_TRUE(constraint.advance(",2,3]]}]}"));
  EXPECT_TRUE(constraint.complete() && constraint.finished());
  EXPECT_TRUE(constraint.next_bytes().none());
}

TEST(JsonConstraint, JsonObjectModeWritesAnObject) {
  JsonConstraint constraint(std::make_shared<JsonSchema>(JsonSchema::any_object()));
  EXPECT_FALSE(constraint.accepts("["));
  EXPECT_FALSE(constraint.accepts("\""));
  EXPECT_TRUE(constraint.advance(R"({"a":[1,{"b":"c"}]})"));
  EXPECT_TRUE(constraint.finished());
}

// An independent reading of the schemas: the value as nlohmann parses it, against the keywords.
bool is_valid(const Json& schema, const Json& value) {
  const auto is_type = [&](const std::string& type) {
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    return type == (value.is_boolean() ? "boolean" : value.is_number() ? "number" : value.type_name());
  };
  if (const auto type = schema.find("type"); type != schema.end()) {
    if (type->is_string() ? !is_type(*type) : std::none_of(type->begin(), type->end(), is_type)) return false;
  }
  if (schema.contains("enum") && std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end())
    return false;
  if (schema.contains("const") && schema["const"] != value) return false;
  if (value.is_array()) {
    if (value.size() < schema.value("minItems", size_t{0}) || value.size() > schema.value("maxItems", size_t{1000000}))
      return false;
    if (schema.contains("items"))
      for (const Json& item : value)
        if (!is_valid(schema["items"], item)) return false;
  }
  if (value.is_string()) {
    const auto text = value.get<std::string>();
    const auto length =
        static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
    if (length < schema.value("minLength", size_t{0}) || length > schema.value("maxLength", size_t{1000000}))
      return false;
  }
  if (value.is_object()) {
    for (const Json& name : schema.value("required", Json::array()))
      if (!value.contains(name.get<std::string>())) return false;
    for (const auto& [key, entry] : value.items()) {
      const Json properties = schema.value("properties", Json::object());
      if (properties.contains(key) && !is_valid(properties[key], entry)) return false;
      if (!properties.contains(key) && !schema.value("additionalProperties", true)) return false;
    }
  }
  return true;
}

// Follows the constraint at random, closing what is open once the text is long. Empty: it ran into a dead end.
std::string random_text(JsonConstraint constraint, uint64_t seed) {
  Rng rng(seed);
  std::string text;
  while (!constraint.finished()) {
    const auto next = constraint.next_bytes();
    if (constraint.complete() && (next.none() || rng.chance(0.3))) break;
    std::string all, closing;
    for (int byte = 0; byte < 256; ++byte) {
      if (!next[static_cast<size_t>(byte)]) continue;
      all += static_cast<char>(byte);
      if (std::string_view("\"]}").find(static_cast<char>(byte)) != std::string_view::npos)
        closing += static_cast<char>(byte);
    }
    if (all.empty()) return "";
    const std::string& from = !closing.empty() && (text.size() > 300 || rng.chance(0.3)) ? closing : all;
    const char byte = from[rng.below(static_cast<uint32_t>(from.size()))];
    if (!constraint.advance({&byte, 1}) || text.size() > 20000) return "";
    text += byte;
  }
  return text;
}

const std::vector<std::string> kSchemas = {
    kFindings,
    R"({"type":"object"})",
    R"({"type":["object","array","null"],"items":{"type":["string","integer"],"minLength":1,"maxLength":4},"minItems":2,"maxItems":5})",
    R"({"type":"object","properties":{"a":{"const":1},"ab":{"enum":[1,12,123,"1",true,null,-0.5]},"b c":{"type":"object","properties":{"d":{"type":"number"}},"required":["d"]}},
        "required":["a","ab","b c"],"additionalProperties":false})",
    R"({"type":"number"})",
    "{}",
};

RC_GTEST_PROP(JsonConstraint, WhatFollowsItParsesAndIsValid, ()) {
  const std::string& schema = *rc::gen::elementOf(kSchemas);
  const std::string text = random_text(constraint_of(schema), *rc::gen::arbitrary<uint64_t>());
  RC_ASSERT(!text.empty());
  const Json value = Json::parse(text, nullptr, false);
  RC_ASSERT(!value.is_discarded());
  RC_ASSERT(is_valid(Json::parse(schema), value));
  const std::string dumped = value.dump();
  if (std::regex_search(dumped, std::regex("e[+-][0-9]{3}")))
    return;  // 123e99 is written 1.23e+101, an exponent longer than the constraint's
  JsonConstraint again = constraint_of(schema);  // and what it says is accepted however it is spaced
  RC_LOG() << text << " written as " << dumped;
  RC_ASSERT(again.advance(dumped) && again.complete());
}

RC_GTEST_PROP(JsonConstraint, TextWithAByteChangedIsRefusedOrValid, ()) {
  const std::string& schema = *rc::gen::elementOf(kSchemas);
  std::string text = random_text(constraint_of(schema), *rc::gen::arbitrary<uint64_t>());
  const auto at = *rc::gen::inRange<size_t>(0, text.size());
  const auto change = *rc::gen::inRange(0, 3);
  const std::string byte(1, *rc::gen::elementOf(std::string("{}[]\",:0-e. antu\\\x01\xc3\xff")));
  if (change == 0) text.erase(at, 1);
  else if (change == 1) text.insert(at, byte);
  else text.replace(at, 1, byte);
  JsonConstraint constraint = constraint_of(schema);
  const bool is_accepted = constraint.advance(text) && constraint.complete();
  const Json value = Json::parse(text, nullptr, false);
  if (is_accepted) RC_ASSERT(!value.is_discarded() && is_valid(Json::parse(schema), value));
  RC_CLASSIFY(is_accepted);
}

TEST(JsonSchema, WhatIsNotSupportedIsRefusedByName) {
  const std::tuple<std::string, std::string> cases[] = {
      {R"({"type":"string","pattern":"a+"})", "uses \"pattern\""},
      {R"({"$ref":"#/$defs/a"})", "uses \"$ref\""},
      {R"({"anyOf":[{"type":"string"}]})", "uses \"anyOf\""},
      {R"({"type":"object","properties":{"a":{"minimum":1}}})", "schema.properties.a: uses \"minimum\""},
      {R"({"type":"object","additionalProperties":{"type":"string"}})",
          "additionalProperties: is an object, not true or false"},
      {R"({"type":"text"})", "schema.type: is not a type"},
      {R"({"type":[]})", "names no type"},
      {R"({"type":"object","properties":{"a":{}},"required":["b"]})",
          "schema.required[0]: is not among the properties"},
      {R"({"enum":[]})", "holds 0 values"},
      {R"({"enum":[[1]]})", "schema.enum[0]: is a list"},
      {R"({"type":"string","enum":[1]})", "allows no value"},
      {R"({"minItems":3,"maxItems":2})", "has minItems above maxItems"},
      {R"({"minLength":-1})", "schema.minLength: is not a whole number"},
      {R"([])", "is a list, not an object"},
      {R"({"items":false})", "schema.items: is false"},
  };
  for (const auto& [schema, text] : cases)
    EXPECT_THAT(refusal([&, s = schema] { JsonSchema::parse(s); }).what(), testing::HasSubstr(text)) << schema;
}

TEST(JsonSchema, TooLargeOnesAreRefused) {
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += "{\"items\":";
  EXPECT_THROW(JsonSchema::parse(deep + "{}" + std::string(40, '}')), RequestError);
  std::string wide = "{\"properties\":{";
  for (int i = 0; i < 65; ++i) wide += (i ? ",\"p" : "\"p") + std::to_string(i) + "\":{}";
  EXPECT_THAT(refusal([&] { JsonSchema::parse(wide + "}}"); }).what(), testing::HasSubstr("64 are read"));
}

}  // namespace
}  // namespace hilum
