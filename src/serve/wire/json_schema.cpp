#include "serve/wire/json_schema.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "serve/wire/json_field.h"
#include "serve/wire/json_limits.h"
#include "serve/wire/reply.h"

namespace hilum {
namespace {

constexpr size_t kMaxNodes = 2000, kMaxProperties = 64, kMaxLiterals = 1000;
constexpr int64_t kMaxCount = 1'000'000;
constexpr uint32_t kMaxKeyLength = 64;  // of keys the model makes up

constexpr std::array kTypeNames = {std::pair("null", kNull), std::pair("boolean", kBoolean),
    std::pair("number", kNumber), std::pair("integer", kInteger), std::pair("string", kString),
    std::pair("array", kArray), std::pair("object", kObject)};
constexpr std::array kKeywords = {"type", "properties", "required", "additionalProperties", "items", "minItems",
    "maxItems", "minLength", "maxLength", "enum", "const", "title", "description", "default", "examples", "$schema",
    "$id", "$comment"};

uint8_t type_named(const JsonField& field) {
  const std::string name = field.text(32);
  for (const auto& [known, type] : kTypeNames)
    if (name == known) return type;
  field.fail("is not a type of JSON Schema");
}

uint8_t read_types(const JsonField& schema) {
  const auto field = schema.find("type");
  if (!field) {  // what its keywords are about
    if (schema.find("properties") || schema.find("required")) return kObject;
    if (schema.find("items") || schema.find("minItems") || schema.find("maxItems")) return kArray;
    if (schema.find("minLength") || schema.find("maxLength")) return kString;
    return kAnyType;
  }
  if (field->is_text()) return type_named(*field);
  uint8_t types = 0;
  for (size_t i = 0; i < field->need_array().size(); ++i) types |= type_named(field->at(i));
  if (types == 0) field->fail("names no type");
  return types;
}

bool is_of(const Json& value, uint8_t types) {
  switch (value.type()) {
    case Json::value_t::null: return types & kNull;
    case Json::value_t::boolean: return types & kBoolean;
    case Json::value_t::string: return types & kString;
    case Json::value_t::number_float: return types & kNumber;
    default: return types & (kNumber | kInteger);
  }
}

void read_literals(const JsonField& schema, SchemaNode& node) {
  std::vector<JsonField> values;
  const bool has_const = schema.json().contains("const");
  if (has_const) values.emplace_back(schema.json().at("const"), schema.path() + ".const");
  if (const auto list = schema.find("enum")) {
    if (has_const) list->fail("stands beside const");
    if (list->need_array().size() < 1 || list->size() > kMaxLiterals)
      list->fail(fmt::format("holds {} values, not 1 to {}", list->size(), kMaxLiterals));
    for (size_t i = 0; i < list->size(); ++i) values.push_back(list->at(i));
  }
  for (const JsonField& value : values) {
    if (value.is_object() || value.is_array())
      value.fail("is " + value.type(), "Strings, numbers, true, false and null are read here.");
    if (is_of(value.json(), node.types)) node.literals.push_back(json_line(value.json()));
  }
  if (!values.empty() && node.literals.empty()) schema.fail("allows no value: none of its enum is of its type");
  std::sort(node.literals.begin(), node.literals.end());
  node.literals.erase(std::unique(node.literals.begin(), node.literals.end()), node.literals.end());
}

void read_range(const JsonField& schema, const char* low_key, const char* high_key, uint32_t& low, uint32_t& high) {
  if (const auto field = schema.find(low_key)) low = static_cast<uint32_t>(field->whole(0, kMaxCount));
  if (const auto field = schema.find(high_key)) high = static_cast<uint32_t>(field->whole(0, kMaxCount));
  if (low > high) schema.fail(fmt::format("has {} above {}", low_key, high_key));
}

void check_keywords(const JsonField& schema) {
  for (const auto& [key, value] : schema.need_object().json().items())
    if (std::find(kKeywords.begin(), kKeywords.end(), key) == kKeywords.end())
      schema.refuse(400, "uses \"" + key.substr(0, 64) + "\", which is not supported",
          "Supported: type, properties, required, additionalProperties (true or false), items, minItems, maxItems, "
          "minLength, "
          "maxLength, enum, const.",
          "unsupported_schema");
}

}  // namespace

JsonSchema::JsonSchema() : nodes_(2) {
  nodes_[kKey].types = kString;
  nodes_[kKey].max_length = kMaxKeyLength;
}

JsonSchema JsonSchema::any_object() {
  JsonSchema schema;
  schema.root_ = 2;
  schema.nodes_.emplace_back().types = kObject;
  return schema;
}

JsonSchema JsonSchema::parse(std::string_view text, const std::string& where) {
  const Json json = parse_body(text, {.max_bytes = size_t{1} << 20});
  JsonSchema schema;
  schema.root_ = schema.add(JsonField(json, where));
  return schema;
}

// The node's children are added before it is stored: references into the list do not last.
int JsonSchema::add(const JsonField& schema) {
  if (schema.json().is_boolean() && schema.truth()) return kAnything;
  check_keywords(schema);
  SchemaNode node;
  node.types = read_types(schema);
  read_literals(schema, node);
  read_range(schema, "minItems", "maxItems", node.min_items, node.max_items);
  read_range(schema, "minLength", "maxLength", node.min_length, node.max_length);
  if (const auto items = schema.find("items")) node.items = add(*items);
  const auto properties = schema.find("properties");
  const auto additional = schema.find("additionalProperties");
  node.is_open = !(properties && properties->need_object().size() > 0) && !(additional && !additional->truth());
  if (additional) additional->truth();  // a schema there is not supported
  if (properties) {
    if (properties->size() > kMaxProperties)
      properties->fail(fmt::format("holds {} properties; {} are read", properties->size(), kMaxProperties));
    for (const auto& [key, value] : properties->json().items())
      node.properties.push_back(
          {json_line(Json(key)), add(JsonField(value, properties->path() + "." + key.substr(0, 64))), false});
    std::sort(node.properties.begin(), node.properties.end(),
        [](const auto& a, const auto& b) { return a.written < b.written; });
  }
  if (const auto required = schema.find("required"))
    for (size_t i = 0; i < required->need_array().size(); ++i) {
      const std::string written = json_line(Json(required->at(i).text()));
      const auto property = std::find_if(
          node.properties.begin(), node.properties.end(), [&](const auto& p) { return p.written == written; });
      if (property == node.properties.end()) required->at(i).fail("is not among the properties");
      property->is_required = true;
    }
  if (nodes_.size() >= kMaxNodes) schema.fail(fmt::format("is one of more than {} schemas", kMaxNodes));
  nodes_.push_back(std::move(node));
  return static_cast<int>(nodes_.size()) - 1;
}

}  // namespace hilum
