#include "serve/wire/json_schema.h"

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "serve/wire/json_limits.h"
#include "serve/wire/schema_reader.h"

namespace hilum {
namespace {

constexpr uint32_t kMaxKeyLength = 64;  // of keys the model makes up

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

JsonSchema JsonSchema::any_value() { return {}; }

JsonSchema JsonSchema::parse(std::string_view text, const std::string& where) {
  const Json json = parse_body(text, {.max_bytes = size_t{1} << 20});
  JsonSchema schema;
  const JsonField root(json, where);
  schema.root_ = SchemaReader(schema, root).read();
  schema.flatten_alternatives();
  schema.measure_heights();
  if (schema.node(schema.root_).height >= SchemaNode::kEndless)
    root.fail("allows no value that ends: every one holds another of its own kind", "Make one of them optional.");
  return schema;
}

// anyOf inside anyOf becomes one list, so that alternatives have no alternatives.
void JsonSchema::flatten_alternatives() {
  std::vector<std::vector<int>> flat(nodes_.size());
  for (size_t i = 0; i < nodes_.size(); ++i) {
    std::vector<int> open = nodes_[i].any_of;
    std::set<int> seen;
    for (size_t k = 0; k < open.size(); ++k) {
      if (!seen.insert(open[k]).second) continue;
      const std::vector<int>& inner = node(open[k]).any_of;
      if (inner.empty()) flat[i].push_back(open[k]);
      else open.insert(open.end(), inner.begin(), inner.end());
    }
  }
  for (size_t i = 0; i < nodes_.size(); ++i) nodes_[i].any_of = std::move(flat[i]);
}

void JsonSchema::measure_heights() {
  for (SchemaNode& node : nodes_) node.object_height = node.array_height = node.height = SchemaNode::kEndless;
  const auto above = [](int height) { return std::min(height + 1, SchemaNode::kEndless); };
  for (bool changed = true; changed;) {
    changed = false;
    for (SchemaNode& node : nodes_) {
      int object = 1, array = 1;
      for (const SchemaProperty& property : node.properties)
        if (property.is_required) object = std::max(object, above(this->node(property.node).height));
      for (uint32_t i = 0; i < std::min<size_t>(node.min_items, node.first_items.size() + 1); ++i)
        array = std::max(array, above(this->node(node.item(i)).height));
      int height = SchemaNode::kEndless;
      if (!node.any_of.empty())
        for (const int other : node.any_of) height = std::min(height, this->node(other).height);
      else if (!node.literals.empty() || (node.types & ~(kArray | kObject))) height = 1;
      else height = std::min(node.types & kObject ? object : height, node.types & kArray ? array : height);
      if (height == node.height && object == node.object_height && array == node.array_height) continue;
      node.height = height;
      node.object_height = object;
      node.array_height = array;
      changed = true;
    }
  }
}

}  // namespace hilum
