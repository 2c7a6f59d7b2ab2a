// JSON Schema text -> the nodes of a JsonSchema.
#pragma once

#include <map>
#include <string>

#include "serve/wire/json_field.h"
#include "serve/wire/json_schema.h"

namespace hilum {

class SchemaReader {
 public:
  SchemaReader(JsonSchema& schema, const JsonField& root) : schema_(schema), root_(root) {}
  int read() { return add(root_, 0); }  // the root's node

 private:
  int add(const JsonField& schema, int depth);
  int add_reference(const JsonField& reference, int depth);
  void read_alternatives(const JsonField& schema, const char* keyword, SchemaNode& node, int depth);
  void read_text(const JsonField& schema, SchemaNode& node) const;
  void read_bounds(const JsonField& schema, SchemaNode& node) const;
  void read_literals(const JsonField& schema, SchemaNode& node) const;
  void read_array(const JsonField& schema, SchemaNode& node, int depth);
  void read_object(const JsonField& schema, SchemaNode& node, int depth);
  bool exclude_each_other(int a, int b) const;

  JsonSchema& schema_;
  const JsonField& root_;
  std::map<const Json*, int> known_;  // schemas that are read or being read: $ref may come back to them
};

}  // namespace hilum
