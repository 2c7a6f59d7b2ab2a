#include "serve/wire/schema_reader.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "serve/wire/json_limits.h"
#include "serve/wire/reply.h"

namespace hilum {
namespace {

constexpr size_t kMaxNodes = 2000, kMaxProperties = 200, kMaxLiterals = 1000, kMaxAlternatives = 64;
constexpr int64_t kMaxCount = 1'000'000;
constexpr int kMaxDepth = 200;  // schemas inside each other, references followed

constexpr std::array kTypeNames = {std::pair("null", kNull), std::pair("boolean", kBoolean),
    std::pair("number", kNumber), std::pair("integer", kInteger), std::pair("string", kString),
    std::pair("array", kArray), std::pair("object", kObject)};

// Keywords that say nothing of the value.
constexpr std::array kDescriptions = {"title", "description", "default", "examples", "example", "$schema", "$id",
    "$comment", "$defs", "definitions", "readOnly", "writeOnly", "deprecated", "discriminator", "contentEncoding",
    "contentMediaType"};
constexpr std::array kConstraints = {"type", "properties", "required", "additionalProperties", "propertyNames", "items",
    "prefixItems", "minItems", "maxItems", "uniqueItems", "minLength", "maxLength", "pattern", "format", "minimum",
    "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "enum", "const", "nullable", "anyOf", "oneOf",
    "allOf", "$ref"};

template <class List>
bool holds(const List& list, const std::string& key) {
  return std::find(list.begin(), list.end(), key) != list.end();
}

void check_keywords(const JsonField& schema) {
  for (const auto& [key, value] : schema.need_object().json().items())
    if (!holds(kConstraints, key) && !holds(kDescriptions, key) && !key.starts_with("x-"))
      schema.refuse(400, "uses \"" + key.substr(0, 64) + "\", which is not supported",
          fmt::format("Supported: {}.", fmt::join(kConstraints, ", ")), "unsupported_schema");
}

uint8_t type_named(const JsonField& field) {
  const std::string name = field.text(32);
  for (const auto& [known, type] : kTypeNames)
    if (name == known) return type;
  field.fail("is not a type of JSON Schema");
}

uint8_t read_types(const JsonField& schema) {
  const auto has = [&](std::initializer_list<const char*> keys) {
    return std::any_of(keys.begin(), keys.end(), [&](const char* key) { return schema.find(key).has_value(); });
  };
  uint8_t types = 0;
  const auto field = schema.find("type");
  if (!field) {  // what its keywords are about
    types = has({"properties", "required", "additionalProperties", "propertyNames"})            ? kObject
            : has({"items", "prefixItems", "minItems", "maxItems"})                             ? kArray
            : has({"minLength", "maxLength", "pattern", "format"})                              ? kString
            : has({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}) ? kNumber
                                                                                                : kAnyType;
  } else if (field->is_text()) {
    types = type_named(*field);
  } else {
    for (size_t i = 0; i < field->need_array().size(); ++i) types |= type_named(field->at(i));
  }
  if (types == 0) field->fail("names no type");
  if (const auto nullable = schema.find("nullable"); nullable && nullable->truth()) types |= kNull;
  return types;
}

void read_range(const JsonField& schema, const char* low_key, const char* high_key, uint32_t& low, uint32_t& high) {
  if (const auto field = schema.find(low_key)) low = static_cast<uint32_t>(field->whole(0, kMaxCount));
  if (const auto field = schema.find(high_key)) high = static_cast<uint32_t>(field->whole(0, kMaxCount));
  if (low > high) schema.fail(fmt::format("has {} above {}", low_key, high_key));
}

// Whether a value of an enum has the type and keeps to what else the schema says of it.
bool fits(const Json& value, const SchemaNode& node) {
  const auto number = [&](uint8_t types) {
    if (!(node.types & types)) return false;
    if (!node.range) return true;
    const double unit = std::pow(10.0, -node.range->fraction_digits), real = value.get<double>();
    return real >= static_cast<double>(node.range->low) * unit && real <= static_cast<double>(node.range->high) * unit;
  };
  switch (value.type()) {
    case Json::value_t::null: return node.types & kNull;
    case Json::value_t::boolean: return node.types & kBoolean;
    case Json::value_t::number_float: return number(kNumber);
    case Json::value_t::string: {
      const auto& text = value.get_ref<const std::string&>();
      if (!(node.types & kString)) return false;
      if (node.form) return node.form->matches(text);
      const auto length = std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; });
      return length >= node.min_length && length <= static_cast<int64_t>(node.max_length);
    }
    default: return number(kNumber | kInteger);
  }
}

}  // namespace

void SchemaReader::read_text(const JsonField& schema, SchemaNode& node) const {
  read_range(schema, "minLength", "maxLength", node.min_length, node.max_length);
  const auto form = [&](std::vector<std::string> patterns, const JsonField& field) {
    return std::make_shared<const TextForm>(TextForm::of(
        {.patterns = std::move(patterns), .min_length = node.min_length, .max_length = node.max_length}, field.path()));
  };
  const auto pattern = schema.find("pattern"), format = schema.find("format");
  const std::string of_format = format ? pattern_of_format(format->text(64)) : "";
  if (pattern) {
    // A pattern holds; the format beside it is a description by the standard, and joins in where both have a text
    // (zod's time without a zone is no RFC 3339 time).
    if (!of_format.empty()) {
      try {
        node.form = form({of_format, pattern->text()}, *pattern);
        return;
      } catch (const RequestError&) {
      }
    }
    node.form = form({pattern->text()}, *pattern);
  } else if (!of_format.empty()) {
    node.form = form({of_format}, *format);
  } else if (format && (node.types & kString)) {
    format->refuse(400, "is a format that is not supported",
        "Supported: date, time, date-time, duration, email, hostname, ipv4, ipv6, uuid, uri; any beside a pattern.",
        "unsupported_schema");
  }
}

void SchemaReader::read_bounds(const JsonField& schema, SchemaNode& node) const {
  NumberBounds bounds;
  bool has_bounds = false;
  const auto bound = [&](const char* key, const char* without_key, double& value, bool& without, bool is_low) {
    const auto at = schema.find(key);
    if (at) value = at->number(-1e300, 1e300);
    const auto strict = schema.find(without_key);
    if (strict && strict->json().is_boolean()) {  // draft 4
      without = strict->truth();
    } else if (strict) {
      const double edge = strict->number(-1e300, 1e300);
      without = !at || (is_low ? edge >= value : edge <= value);
      if (without) value = edge;
    }
    has_bounds = has_bounds || std::isfinite(value);
  };
  bound("minimum", "exclusiveMinimum", bounds.low, bounds.without_low, true);
  bound("maximum", "exclusiveMaximum", bounds.high, bounds.without_high, false);
  if (!(node.types & kNumber)) bounds.most_fraction_digits = 0;
  if (const auto step = schema.find("multipleOf")) {
    const double value = step->number(0, 1);
    const int digits = value > 0 ? static_cast<int>(std::lround(-std::log10(value))) : -1;
    if (digits < 0 || digits > 15 || std::abs(value * std::pow(10.0, digits) - 1) > 1e-9)
      step->refuse(
          400, "is no power of ten from 1e-15 to 1", "1, 0.1, 0.01 and so on are supported.", "unsupported_schema");
    bounds.most_fraction_digits = std::min(bounds.most_fraction_digits, digits);
    has_bounds = true;
  }
  if (!has_bounds) return;
  node.range = number_range(bounds);
  if (node.range->low > node.range->high) schema.fail("allows no number between its bounds");
}

void SchemaReader::read_literals(const JsonField& schema, SchemaNode& node) const {
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
    if (fits(value.json(), node)) node.literals.push_back(json_line(value.json()));
  }
  if (!values.empty() && node.literals.empty())
    schema.fail("allows no value: none of its enum is of its type and within its other keywords");
  std::sort(node.literals.begin(), node.literals.end());
  node.literals.erase(std::unique(node.literals.begin(), node.literals.end()), node.literals.end());
}

void SchemaReader::read_array(const JsonField& schema, SchemaNode& node, int depth) {
  read_range(schema, "minItems", "maxItems", node.min_items, node.max_items);
  if (const auto unique = schema.find("uniqueItems"); unique && unique->truth())
    unique->refuse(400, "is not supported", "Leave it out, or use an enum of the lists' items.", "unsupported_schema");
  auto first = schema.find("prefixItems");
  auto items = schema.find("items");
  if (items && items->is_array()) {  // before 2020-12
    first = items;
    items.reset();
  }
  if (first)
    for (size_t i = 0; i < first->need_array().size(); ++i) node.first_items.push_back(add(first->at(i), depth));
  const bool no_more = first && (!items || (items->json().is_boolean() && !items->truth()));  // as written, no others
  if (no_more) node.max_items = std::min(node.max_items, static_cast<uint32_t>(node.first_items.size()));
  else if (items) node.items = add(*items, depth);
  if (node.min_items > node.max_items) schema.fail("wants more items than it describes");
}

void SchemaReader::read_object(const JsonField& schema, SchemaNode& node, int depth) {
  const auto properties = schema.find("properties");
  const auto additional = schema.find("additionalProperties");
  const bool no_others = additional && additional->json().is_boolean() && !additional->truth();
  node.is_open = !(properties && properties->need_object().size() > 0) && !no_others;
  if (node.is_open && additional && !additional->json().is_boolean()) node.additional = add(*additional, depth);
  if (const auto names = schema.find("propertyNames"); names && node.is_open) {
    node.key = add(*names, depth);
    const SchemaNode& key = schema_.node(node.key);
    if (!(key.types & kString) || !key.any_of.empty()) names->fail("does not describe a string");
  }
  if (properties) {
    if (properties->size() > kMaxProperties)
      properties->fail(fmt::format("holds {} properties; {} are read", properties->size(), kMaxProperties));
    for (const auto& [key, value] : properties->json().items())
      node.properties.push_back(
          {json_line(Json(key)), add(JsonField(value, properties->path() + "." + key.substr(0, 64)), depth), false});
  }
  if (const auto required = schema.find("required"))
    for (size_t i = 0; i < required->need_array().size(); ++i) {
      const std::string written = json_line(Json(required->at(i).text()));
      const auto property = std::find_if(
          node.properties.begin(), node.properties.end(), [&](const auto& p) { return p.written == written; });
      if (property == node.properties.end()) required->at(i).fail("is not among the properties");
      property->is_required = true;
    }
}

void SchemaReader::read_alternatives(const JsonField& schema, const char* keyword, SchemaNode& node, int depth) {
  for (const auto& [key, value] : schema.json().items())
    if (key != keyword && key != "nullable" && holds(kConstraints, key))
      schema.refuse(400, fmt::format("has {} beside \"{}\"", keyword, key), "Put it into each of the alternatives.",
          "unsupported_schema");
  const JsonField list = schema.need(keyword);
  if (list.need_array().size() < 1 || list.size() > kMaxAlternatives)
    list.fail(fmt::format("holds {} schemas, not 1 to {}", list.size(), kMaxAlternatives));
  const std::string name = keyword;
  if (name == "allOf" && list.size() > 1)
    list.refuse(400, "holds several schemas", "One is supported: join them.", "unsupported_schema");
  for (size_t i = 0; i < list.size(); ++i) node.any_of.push_back(add(list.at(i), depth));
  if (name == "oneOf")
    for (size_t i = 0; i < list.size(); ++i)
      for (size_t j = 0; j < i; ++j)
        if (!exclude_each_other(node.any_of[j], node.any_of[i]))
          list.refuse(400, fmt::format("holds alternatives {} and {}, which one value may follow both", j, i),
              "Use anyOf, or give each a property with another const.", "unsupported_schema");
  if (const auto nullable = schema.find("nullable"); nullable && nullable->truth()) {
    node.any_of.push_back(static_cast<int>(schema_.nodes_.size()));
    schema_.nodes_.emplace_back().types = kNull;
  }
}

// Types that have none in common, literals that differ, or a property that both must have and whose literals differ.
bool SchemaReader::exclude_each_other(int a, int b) const {
  const SchemaNode &one = schema_.node(a), &other = schema_.node(b);
  if (!one.any_of.empty() || !other.any_of.empty()) return false;
  uint8_t types = one.types, others = other.types;
  if (types & kNumber) types |= kInteger;
  if (others & kNumber) others |= kInteger;
  if (!(types & others)) return true;
  const auto differ = [](const std::vector<std::string>& x, const std::vector<std::string>& y) {
    return !x.empty() && !y.empty() &&
           std::none_of(x.begin(), x.end(), [&](const std::string& text) { return holds(y, text); });
  };
  if (differ(one.literals, other.literals)) return true;
  if (one.types != kObject || other.types != kObject) return false;
  for (const SchemaProperty& p : one.properties)
    for (const SchemaProperty& q : other.properties)
      if (p.written == q.written && p.is_required && q.is_required &&
          differ(schema_.node(p.node).literals, schema_.node(q.node).literals))
        return true;
  return false;
}

// "#" or "#/way/to/it" inside the whole schema.
int SchemaReader::add_reference(const JsonField& reference, int depth) {
  const std::string text = reference.text(1024);
  if (!text.starts_with('#') || (text.size() > 1 && text[1] != '/'))
    reference.refuse(
        400, "leads out of the schema, and nothing is fetched", "Refer to \"#/$defs/NAME\".", "unsupported_schema");
  const Json* target = nullptr;
  try {
    target = &root_.json().at(Json::json_pointer(text.substr(1)));
  } catch (const Json::exception&) {
    reference.fail("leads to nothing in the schema");
  }
  return add(JsonField(*target, root_.path() + text.substr(1)), depth);
}

int SchemaReader::add(const JsonField& schema, int depth) {
  if (++depth > kMaxDepth) schema.fail(fmt::format("lies in more than {} schemas, or refers to itself", kMaxDepth));
  if (schema.json().is_boolean() && schema.truth()) return JsonSchema::kAnything;
  if (const auto known = known_.find(&schema.json()); known != known_.end()) return known->second;
  check_keywords(schema);
  if (const auto reference = schema.find("$ref")) {
    for (const auto& [key, value] : schema.json().items())
      if (key != "$ref" && holds(kConstraints, key))
        schema.refuse(400, "has $ref beside \"" + key + "\"", "Put it where $ref leads.", "unsupported_schema");
    return add_reference(*reference, depth);
  }
  if (schema_.nodes_.size() >= kMaxNodes) schema.fail(fmt::format("is one of more than {} schemas", kMaxNodes));
  const size_t place = schema_.nodes_.size();
  known_[&schema.json()] = static_cast<int>(place);
  schema_.nodes_.emplace_back();
  SchemaNode node;  // stored at the end: references into the list do not last
  for (const char* keyword : {"anyOf", "oneOf", "allOf"})
    if (schema.find(keyword)) {
      read_alternatives(schema, keyword, node, depth);
      schema_.nodes_[place] = std::move(node);
      return static_cast<int>(place);
    }
  node.types = read_types(schema);
  read_text(schema, node);
  read_bounds(schema, node);
  read_literals(schema, node);
  if (node.types & kArray) read_array(schema, node, depth);
  if (node.types & kObject) read_object(schema, node, depth);
  schema_.nodes_[place] = std::move(node);
  return static_cast<int>(place);
}

}  // namespace hilum
