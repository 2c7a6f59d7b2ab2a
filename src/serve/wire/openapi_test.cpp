// openapi.json beside the readers it describes.
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/replace_all.h"
#include "base/version.h"
#include "serve/wire/native_context.h"
#include "serve/wire/wire_for_test.h"

namespace hilum {
namespace {

const Json& openapi() {
  static const Json json = Json::parse(read_file(std::string(HILUM_SOURCE_DIR) + "/src/serve/wire/openapi.json"));
  return json;
}

void each_reference(const Json& json, const std::function<void(const std::string&)>& visit) {
  if (json.is_object() && json.contains("$ref")) visit(json["$ref"]);
  if (json.is_structured())
    for (const Json& inner : json) each_reference(inner, visit);
}

TEST(Openapi, EveryReferenceLeadsSomewhereAndEverySchemaIsUsed) {
  std::set<std::string> used;
  each_reference(openapi(), [&](const std::string& path) {
    ASSERT_TRUE(path.starts_with("#/"));
    EXPECT_TRUE(openapi().contains(Json::json_pointer(path.substr(1)))) << path;
    used.insert(path);
  });
  for (const char* kind : {"parameters", "schemas", "responses"})
    for (const auto& [name, schema] : openapi()["components"][kind].items())
      EXPECT_TRUE(used.contains("#/components/" + std::string(kind) + "/" + name)) << name;
}

TEST(Openapi, EveryRouteIsDescribed) {
  std::set<std::string> routes, ids;
  for (const auto& [path, item] : openapi()["paths"].items())
    for (const auto& [method, operation] : item.items()) {
      routes.insert(method + " " + path);
      EXPECT_TRUE(ids.insert(operation["operationId"]).second) << path;
      EXPECT_TRUE(operation["responses"].contains("200")) << path;
      EXPECT_EQ(operation.contains("requestBody"), method == "post") << path;
      for (size_t at = 0; (at = path.find('{', at)) != std::string::npos; ++at)
        EXPECT_EQ(operation["parameters"][0]["name"], path.substr(at + 1, path.find('}', at) - at - 1));
    }
  EXPECT_EQ(routes,
      (std::set<std::string>{"get /", "get /viewer/{file}", "get /health", "get /v1/health", "get /livez",
          "get /readyz", "get /metrics", "get /openapi.json", "get /ping", "get /version", "get /v1/models",
          "get /v1/models/{id}", "post /score", "post /invocations", "post /v1/chat/completions", "post /v1/embeddings",
          "post /v1/responses", "post /openai/deployments/{deployment}/chat/completions",
          "post /openai/deployments/{deployment}/embeddings", "post /openai/v1/chat/completions",
          "post /openai/v1/embeddings", "post /openai/v1/responses", "post /openai/responses", "post /chat/completions",
          "post /embeddings", "post /images/embeddings", "get /info", "post /v1/reports", "post /v1/grounding",
          "post /v1/classify", "post /v1/search", "post /v1/images"}));
  EXPECT_EQ(openapi()["info"]["version"], kVersion);
}

// One schema in two places: the file of its own, which every other program can read, and here.
TEST(Openapi, TheReportIsThatOfItsOwnSchema) {
  std::string text = read_file(std::string(HILUM_SOURCE_DIR) + "/docs/schemas/report.schema.json");
  for (const auto& [from, to] : {std::pair{"#/$defs/box", "#/components/schemas/Box"},
           std::pair{"#/$defs/finding", "#/components/schemas/Finding"}})
    replace_all(text, from, to);
  Json own = Json::parse(text);
  const Json& schemas = openapi()["components"]["schemas"];
  EXPECT_EQ(schemas["Box"], own["$defs"]["box"]);
  EXPECT_EQ(schemas["Finding"], own["$defs"]["finding"]);
  for (const char* key : {"$schema", "$id", "title", "$defs"}) own.erase(key);
  EXPECT_EQ(schemas["Report"], own);
}

// The keys a context's reader knows are those of its schema: null of each is taken, and any other is refused.
TEST(Openapi, ContextsHaveTheKeysOfTheirReaders) {
  const std::pair<const char*, std::function<void(const std::string&)>> contexts[] = {
      {"ReportContext", [](const std::string& json) { read_report_context(json); }},
      {"GroundingContext", [](const std::string& json) { read_grounding_context(json); }},
      {"ClassifyContext", [](const std::string& json) { read_classify_context(json); }},
      {"SearchContext", [](const std::string& json) { read_search_context(json); }},
  };
  for (const auto& [name, read] : contexts) {
    const Json& schema = openapi()["components"]["schemas"][name];
    EXPECT_EQ(schema["additionalProperties"], false);
    std::set<std::string> described, known;
    for (const auto& [key, value] : schema["properties"].items()) described.insert(key);
    // the reader lists what it knows where nothing is near
    const std::string message =
        refusal([&, r = read] { r(R"({"0123456789012345678901234567890123456789":1})"); }).what();
    std::string list = message.substr(message.find("Known: ") + 7);
    list = list.substr(0, list.find('.')) + ", ";
    for (size_t at = 0, end; (end = list.find(", ", at)) != std::string::npos; at = end + 2)
      known.insert(list.substr(at, end - at));
    EXPECT_EQ(described, known) << name;
  }
}

}  // namespace
}  // namespace hilum
