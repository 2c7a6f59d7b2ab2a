#include "eval/graphs/radgraph.h"

#include <map>
#include <set>
#include <tuple>

#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "base/error.h"

namespace hilum {
namespace {

using Element = std::vector<std::string>;

Element lower(Element element) {
  for (std::string& part : element) part = lower_ascii(part);
  return element;
}

double f1(const std::set<Element>& hypothesis, const std::set<Element>& reference) {
  if (hypothesis.empty() || reference.empty()) return 0;
  size_t both = 0;
  for (const Element& element : hypothesis) both += reference.count(element);
  return 2.0 * static_cast<double>(both) / static_cast<double>(hypothesis.size() + reference.size());
}

struct Sets {
  std::set<Element> simple, partial, complete, relations;
};

Sets sets_of(const RadGraph& graph, RadGraphCase how) {
  Sets sets;
  const auto add = [&](std::set<Element>& set, Element element) {
    set.insert(how == RadGraphCase::kLower ? lower(std::move(element)) : std::move(element));
  };
  for (const RadGraphEntity& entity : graph.entities) {
    add(sets.simple, {entity.tokens, entity.label});
    add(sets.partial,
        entity.relations.empty() ? Element{entity.tokens, entity.label} : Element{entity.tokens, entity.label, "True"});
    if (entity.relations.empty()) add(sets.complete, {entity.tokens, entity.label});
    for (const auto& [type, object] : entity.relations) {
      const RadGraphEntity& to = graph.entities[object];
      sets.complete.insert(lower(Element{entity.tokens, entity.label, type, to.tokens}));
      sets.relations.insert({entity.tokens, entity.label, to.tokens, to.label, type});
    }
  }
  return sets;
}

}  // namespace

RadGraph radgraph_from_json(const Json& json, const std::string& where) {
  check(json.is_object() && json.contains("entities") && json["entities"].is_object(), where.c_str(),
      "is no RadGraph annotation: it has no object \"entities\"");
  RadGraph graph;
  if (json.contains("text") && json["text"].is_string()) graph.text = json["text"].get<std::string>();
  std::map<std::string, size_t> index;
  for (const auto& [id, entity] : json["entities"].items()) index.emplace(id, index.size());
  for (const auto& [id, entity] : json["entities"].items()) {
    const std::string at = where + ": entity " + id;
    const auto text = [&](const char* key) {
      check(entity.is_object() && entity.contains(key) && entity[key].is_string(), at.c_str(),
          std::string("has no text \"") + key + "\"");
      return entity[key].get<std::string>();
    };
    const auto number = [&](const char* key) {
      check(entity.contains(key) && entity[key].is_number_integer(), at.c_str(),
          std::string("has no whole number \"") + key + "\"");
      return entity[key].get<int>();
    };
    RadGraphEntity read{
        .tokens = text("tokens"), .label = text("label"), .start = number("start_ix"), .end = number("end_ix")};
    check(entity.contains("relations") && entity["relations"].is_array(), at.c_str(), "has no list \"relations\"");
    for (const Json& relation : entity["relations"]) {
      check(relation.is_array() && relation.size() == 2 && relation[0].is_string() && relation[1].is_string(),
          at.c_str(), "holds a relation that is not [type, entity]");
      const auto object = index.find(relation[1].get<std::string>());
      check(
          object != index.end(), at.c_str(), "has a relation to entity " + relation[1].dump() + ", which is not there");
      read.relations.emplace_back(relation[0].get<std::string>(), object->second);
    }
    graph.entities.push_back(std::move(read));
  }
  return graph;
}

Json to_json(const RadGraph& graph) {
  Json entities = Json::object();
  for (size_t i = 0; i < graph.entities.size(); ++i) {
    const RadGraphEntity& entity = graph.entities[i];
    Json relations = Json::array();
    for (const auto& [type, object] : entity.relations) relations.push_back({type, std::to_string(object + 1)});
    entities[std::to_string(i + 1)] = {{"tokens", entity.tokens}, {"label", entity.label}, {"start_ix", entity.start},
        {"end_ix", entity.end}, {"relations", relations}};
  }
  return {{"text", graph.text}, {"entities", entities}};
}

RadGraphScores radgraph_scores(const RadGraph& hypothesis, const RadGraph& reference, RadGraphCase how) {
  const Sets a = sets_of(hypothesis, how), b = sets_of(reference, how);
  return {.simple = f1(a.simple, b.simple),
      .partial = f1(a.partial, b.partial),
      .complete = f1(a.complete, b.complete),
      .yu_entity = f1(a.simple, b.simple),
      .yu_relation = f1(a.relations, b.relations)};
}

}  // namespace hilum
