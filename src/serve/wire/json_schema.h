// The part of JSON Schema (2020-12, and what older drafts write otherwise) that a request may hold its answer to:
// objects with properties, required and additionalProperties, arrays with items and prefixItems, strings with pattern,
// format and lengths, numbers with bounds, enum and const, anyOf, oneOf of alternatives that exclude each other, and
// $ref inside the schema. Keywords that only describe (title, description, default, examples, ...) are passed over;
// every other one is refused by its name.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "serve/wire/number_range.h"
#include "serve/wire/text_form.h"

namespace hilum {

class JsonField;

enum SchemaTypes : uint8_t {  // bits of SchemaNode::types
  kNull = 1,
  kBoolean = 2,
  kNumber = 4,
  kInteger = 8,
  kString = 16,
  kArray = 32,
  kObject = 64,
  kAnyType = 127,
};

struct SchemaProperty {
  std::string written;  // the key as JSON text, quotes and all
  int node = 0;         // of its value
  bool is_required = false;
};

struct SchemaNode {
  static constexpr int kEndless = 1 << 20;  // a height: no value of finite depth

  uint8_t types = kAnyType;
  bool is_open = true;                     // object: any keys, values of `additional`; else `properties` alone
  std::vector<SchemaProperty> properties;  // in the schema's order, which is that of the text
  int additional = 0, key = 1;             // of an open object: the nodes of values and of keys
  int items = 0;                           // array: the node of every item behind `first_items`
  std::vector<int> first_items;            // prefixItems
  uint32_t min_items = 0, max_items = std::numeric_limits<uint32_t>::max();
  uint32_t min_length = 0, max_length = TextForm::kNoLimit;  // string: Unicode characters; where there is no form
  std::shared_ptr<const TextForm> form;                      // string: pattern, format and lengths
  std::optional<NumberRange> range;                          // number
  std::vector<std::string>
      literals;             // enum, const: JSON texts, sorted, each once. Not empty: the value is one of them.
  std::vector<int> any_of;  // not empty: the value is one of these nodes', none of which has alternatives itself
  // Values inside each other that the shortest one has at least, itself counted: of an object, an array, any value.
  int object_height = 1, array_height = 1, height = 1;

  int item(uint32_t place) const { return place < first_items.size() ? first_items[place] : items; }
};

class JsonSchema {
 public:
  // Throws RequestError naming the place and the keyword. An object with properties is written with these alone, also
  // where the schema would let others stand beside them.
  static JsonSchema parse(std::string_view text, const std::string& where = "response_format.json_schema.schema");
  static JsonSchema any_object();  // "response_format":{"type":"json_object"}
  static JsonSchema any_value();

  const SchemaNode& node(int index) const { return nodes_[static_cast<size_t>(index)]; }
  int root() const { return root_; }

  static constexpr int kAnything = 0, kKey = 1;  // nodes that every schema has: any value; a key of an open object

 private:
  friend class SchemaReader;
  JsonSchema();
  void flatten_alternatives();
  void measure_heights();

  std::vector<SchemaNode> nodes_;
  int root_ = kAnything;
};

}  // namespace hilum
