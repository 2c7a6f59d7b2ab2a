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

const std::string kChoices = R"({"anyOf":[{"$ref":"#/$defs/a"},{"type":"null"},
  {"type":"object","properties":{"kind":{"const":"b"},"n":{"type":"string"}},"required":["kind","n"]}],
  "$defs":{"a":{"type":"object","properties":{"kind":{"const":"a"},"n":{"type":"integer"}},"required":["kind","n"]}}})";
const std::string kTree =
    R"({"type":"object","properties":{"v":{"type":"integer","minimum":-5,"maximum":40},"next":{"anyOf":[{"$ref":"#"},{"type":"null"}]}},
  "required":["v","next"]})";

TEST(JsonConstraint, HoldsTheTextToItsSchema) {
  const std::tuple<std::string, std::string, std::string> cases[] = {
      {kFindings, R"({"findings":[]})", "ok"},
      {kFindings, R"({ "findings" : [ {"text": "Small é effusion.", "boxes": null} ], "Heart Size": -3 })", "ok"},
      {kFindings, R"({ "findings" : [ {"boxes")", "no"},
      {kFindings,
          "{\n  \"findings\": [\n    {\"text\": \"\", \"boxes\": [[0.1, 2e-3, 1, 0]], "
          "\"certainty\": \"possibly absent\"}\n  ],\n  \"urgent\": true\n}",
          "ok"},
      {kFindings, R"({"find)", "more"},
      {kFindings, R"({})", "no"},
      {kFindings, R"({"urgent)", "no"},
      {kFindings, R"({"findings":[],"urgent":true})", "ok"},
      {kFindings, R"({"findings":[],"findings")", "no"},
      {kFindings, R"({"findings":[],"Heart Size":1,"urgent":true})", "ok"},
      {kFindings, R"({"findings":[],"urgent":true,)", "no"},
      {kFindings, R"({"findings":[],"Heart Size":1,"urgent":true,)", "no"},
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
      {kChoices, R"({"kind":"a","n":1})", "ok"},
      {kChoices, R"({"kind":"b","n":"x"})", "ok"},
      {kChoices, R"({"kind":"b","n":1)", "no"},
      {kChoices, "null", "ok"},
      {kChoices, "[", "no"},
      {R"({"anyOf":[{"type":"integer","minimum":10},{"const":7}]})", "7", "ok"},
      {R"({"anyOf":[{"type":"integer","minimum":10},{"const":7}]})", "70", "ok"},
      {R"({"anyOf":[{"type":"integer","minimum":10},{"const":7}]})", "8", "more"},
      {R"({"type":["string","null"],"format":"date"})", R"("2024-02-29")", "ok"},
      {R"({"type":["string","null"],"format":"date"})", R"("2023-02-29)", "no"},
      {R"({"type":["string","null"],"format":"date"})", "null", "ok"},
      {R"({"type":"string","pattern":"^a\"\\\\$"})", R"("a\"\\")", "ok"},
      {R"({"type":"string","pattern":"^é+$","maxLength":2})", "\"\xc3\xa9\xc3\xa9\"", "ok"},
      {R"({"type":"string","pattern":"^é+$","maxLength":2})", "\"\xc3\xa9\xc3\xa9\xc3", "no"},
      {R"({"type":"string","pattern":"^é+$"})", "\"\xc3\xa8", "no"},
      {R"({"type":"string","format":"date","pattern":"^2024"})", R"("2024-05-06")", "ok"},
      {R"({"type":"string","format":"date","pattern":"^2024"})", R"("2025)", "no"},
      {R"({"type":"string","format":"time","pattern":"^\\d\\d:\\d\\d$"})", R"("10:15")", "ok"},
      {R"({"type":"string","format":"base64","contentEncoding":"base64","pattern":"^[A-Z]+$"})", R"("QUJD")", "ok"},
      {R"({"type":"string","pattern":"^é+$"})", R"("\u00e9)", "no"},
      {R"({"type":"number","minimum":0,"maximum":1})", "0.25", "ok"},
      {R"({"type":"number","minimum":0,"maximum":1})", "1.0", "ok"},
      {R"({"type":"number","minimum":0,"maximum":1})", "1.01", "no"},
      {R"({"type":"number","minimum":0,"maximum":1})", "-0.1", "no"},
      {R"({"type":"number","minimum":0,"maximum":1})", "2", "no"},
      {R"({"type":"number","minimum":0.1,"maximum":0.3})", "0.1", "ok"},
      {R"({"type":"number","exclusiveMinimum":0.1,"maximum":0.3})", "0.1", "more"},
      {R"({"type":"number","exclusiveMinimum":0.1,"maximum":0.3})", "0.3", "ok"},
      {R"({"type":"number","minimum":-1.5,"maximum":-0.25})", "-0.3", "ok"},
      {R"({"type":"number","minimum":-1.5,"maximum":-0.25})", "-1.6", "no"},
      {R"({"type":"number","minimum":-1.5,"maximum":-0.25})", "0", "no"},
      {R"({"type":"integer","minimum":3,"maximum":120})", "12", "ok"},
      {R"({"type":"integer","minimum":3,"maximum":120})", "1", "more"},
      {R"({"type":"integer","minimum":3,"maximum":120})", "121", "no"},
      {R"({"type":"integer","minimum":3,"maximum":120})", "3.", "no"},
      {R"({"type":"integer","exclusiveMinimum":0})", "0", "no"},
      {R"({"type":"integer","minimum":1,"maximum":9007199254740991})", "9007199254740991", "ok"},
      {R"({"type":"integer","minimum":1,"maximum":9007199254740991})", "9007199254740992", "no"},
      {R"({"type":"number","multipleOf":0.01})", "-3.25", "ok"},
      {R"({"type":"number","multipleOf":0.01})", "3.255", "no"},
      {R"({"type":"number","minimum":5,"exclusiveMinimum":true})", "5", "more"},
      {R"({"type":"array","prefixItems":[{"type":"integer"},{"const":"a"}],"minItems":2})", R"([1,"a"])", "ok"},
      {R"({"type":"array","prefixItems":[{"type":"integer"},{"const":"a"}]})", R"([1,"a",)", "no"},
      {R"({"type":"object","additionalProperties":{"type":"boolean"}})", R"({"a":true,"b":false})", "ok"},
      {R"({"type":"object","additionalProperties":{"type":"boolean"}})", R"({"a":1)", "no"},
      {R"({"type":"string","nullable":true})", "null", "ok"},
      {kTree, R"({"v":1,"next":{"v":2,"next":null}})", "ok"},
      {kTree, R"({"v":1,"next":{"next")", "no"},
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
bool is_valid(const Json& schema, const Json& value, const Json* whole = nullptr) {
  const Json& root = whole ? *whole : schema;
  if (schema.contains("$ref"))
    return is_valid(root.at(Json::json_pointer(schema["$ref"].get<std::string>().substr(1))), value, &root);
  if (schema.contains("anyOf"))
    return std::any_of(
        schema["anyOf"].begin(), schema["anyOf"].end(), [&](const Json& one) { return is_valid(one, value, &root); });
  if (value.is_number() && (value < schema.value("minimum", -1e300) || value > schema.value("maximum", 1e300) ||
                               value <= schema.value("exclusiveMinimum", -1e300)))
    return false;
  if (value.is_string() && schema.contains("pattern") &&
      !std::regex_search(value.get<std::string>(), std::regex(schema["pattern"].get<std::string>())))
    return false;
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
        if (!is_valid(schema["items"], item, &root)) return false;
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
      if (properties.contains(key) && !is_valid(properties[key], entry, &root)) return false;
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
    kChoices,
    kTree,
    R"({"type":"object","properties":{"code":{"type":"string","pattern":"^[A-Z]{2}-[0-9]{3}(, [a-z]+)?$","maxLength":12},
        "share":{"type":"number","minimum":0,"maximum":1},"age":{"type":"integer","exclusiveMinimum":0,"maximum":120},
        "side":{"anyOf":[{"enum":["left","right"]},{"type":"null"},{"type":"array","items":{"type":"integer","minimum":-3},"maxItems":2}]}},
        "required":["code","share","side"]})",
};

RC_GTEST_PROP(JsonConstraint, WhatFollowsItParsesAndIsValid, ()) {
  const std::string& schema = *rc::gen::elementOf(kSchemas);
  const std::string text = random_text(constraint_of(schema), *rc::gen::arbitrary<uint64_t>());
  RC_ASSERT(!text.empty());
  const Json value = Json::parse(text, nullptr, false);
  RC_ASSERT(!value.is_discarded());
  RC_ASSERT(is_valid(Json::parse(schema), value));
  const std::string dumped = value.dump();
  if (std::regex_search(dumped, std::regex("[0-9]e[+-][0-9]{2}")))
    return;  // 123e99 is written 1.23e+101, an exponent longer than the constraint's; bounded numbers have none
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
      {R"({"type":"string","pattern":"(?<=a)b"})", "schema.pattern: looks behind"},
      {R"({"type":"string","pattern":"(a)\\1"})", "schema.pattern: holds an escape that is not read"},
      {R"({"type":"string","pattern":"^ab$","maxLength":1})", "is a form that no text has"},
      {R"({"type":"string","format":"iri"})", "schema.format: is a format that is not supported"},
      {R"({"$ref":"#/$defs/a"})", "schema.$ref: leads to nothing"},
      {R"({"$ref":"other.json"})", "leads out of the schema"},
      {R"({"$ref":"#"})", "refers to itself"},
      {R"({"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]})", "allows no value that ends"},
      {R"({"type":"object","properties":{"a":{"not":{}}}})", "schema.properties.a: uses \"not\""},
      {R"({"type":"string","anyOf":[{"minLength":1}]})", "has anyOf beside \"type\""},
      {R"({"oneOf":[{"type":"string"},{"type":"string","minLength":2}]})", "which one value may follow both"},
      {R"({"type":"array","uniqueItems":true})", "schema.uniqueItems: is not supported"},
      {R"({"type":"number","multipleOf":0.25})", "is no power of ten"},
      {R"({"type":"integer","minimum":1.2,"maximum":1.8})", "allows no number between its bounds"},
      {R"({"enum":["abc"],"maxLength":2})", "allows no value"},
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
  for (int i = 0; i < 201; ++i) wide += (i ? ",\"p" : "\"p") + std::to_string(i) + "\":{}";
  EXPECT_THAT(refusal([&] { JsonSchema::parse(wide + "}}"); }).what(), testing::HasSubstr("200 are read"));
}

}  // namespace
}  // namespace hilum
