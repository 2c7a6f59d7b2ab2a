// The part of JSON Schema (2020-12) that `response_format` may ask for: objects with properties and required, arrays,
// strings, enum and const, numbers, integers, booleans, null; minItems, maxItems, minLength, maxLength. Keywords that
// only describe (title, description, default, examples, $schema, $id, $comment) are passed over; every other one is
// refused by its name.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

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
  uint8_t types = kAnyType;
  bool is_open = true;                     // object: any keys with any values; else `properties` alone
  std::vector<SchemaProperty> properties;  // sorted by `written`; at most 64
  int items = 0;                           // array: the node of every item
  uint32_t min_items = 0, max_items = std::numeric_limits<uint32_t>::max();
  uint32_t min_length = 0, max_length = std::numeric_limits<uint32_t>::max();  // string: Unicode characters
  std::vector<std::string>
      literals;  // enum, const: JSON texts, sorted, each once. Not empty: the value is one of them.
};

class JsonSchema {
 public:
  // Throws RequestError naming the place and the keyword. An object with properties is written with these alone, also
  // where the schema would let others stand beside them.
  static JsonSchema parse(std::string_view text, const std::string& where = "response_format.json_schema.schema");
  static JsonSchema any_object();  // "response_format":{"type":"json_object"}

  const SchemaNode& node(int index) const { return nodes_[static_cast<size_t>(index)]; }
  int root() const { return root_; }

  static constexpr int kAnything = 0, kKey = 1;  // nodes that every schema has: any value; a key of an open object

 private:
  JsonSchema();
  int add(const JsonField& schema);

  std::vector<SchemaNode> nodes_;
  int root_ = kAnything;
};

}  // namespace hilum
