// docs/schemas/report.schema.json and docs/report-json.md against what is written and read.
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/json_schema_for_test.h"
#include "report/json.h"
#include "report/result_files_for_test.h"

namespace hilum {
namespace {

const Json& schema() {
  static const Json json = Json::parse(read_file(std::string(HILUM_SOURCE_DIR) + "/docs/schemas/report.schema.json"));
  return json;
}

Report whole_report() {
  Report report = result_report();
  for (Finding& finding : report.findings)
    if (finding.boxes) finding.boxes = {{{0.1, 0.2, 0.3, 0.4}, {0, 0, 1, 1}}};
  report.report = "Text.";
  report.labels = {{"Edema", 1}, {"Fracture", 0}, {"Pneumonia", -1}};
  report.steps = {"monochrome1 inverted"};
  return report;
}

// The names of an object's fields, those of objects in it behind a dot.
void names_of(const Json& object, const std::string& before, std::set<std::string>& names) {
  for (const auto& [name, value] : object.items()) {
    names.insert(before + name);
    if (value.is_object() && name != "labels") names_of(value, before + name + ".", names);
  }
}
void names_of_schema(const Json& part, const std::string& before, std::set<std::string>& names) {
  for (const auto& [name, value] : part["properties"].items()) {
    names.insert(before + name);
    if (value.contains("properties")) names_of_schema(value, before + name + ".", names);
  }
}

TEST(ReportSchema, WhatIsWrittenIsValidAndHasEveryField) {
  const Json json = to_json(whole_report());
  EXPECT_THAT(SchemaCheck(schema()).complaints(json), testing::IsEmpty());
  std::set<std::string> written, described;
  names_of(json, "", written);
  names_of_schema(schema(), "", described);
  EXPECT_EQ(written, described);
  std::set<std::string> finding;
  names_of(json["findings"][0], "", finding);
  std::set<std::string> described_finding;
  names_of_schema(schema()["$defs"]["finding"], "", described_finding);
  EXPECT_EQ(finding, described_finding);
  for (const Finish finish : {Finish::kStop, Finish::kLength, Finish::kStopped}) {
    Report bare{.finish = finish};
    EXPECT_THAT(SchemaCheck(schema()).complaints(to_json(bare)), testing::IsEmpty());
  }
}

TEST(ReportSchema, WhatItRefusesIsRefusedByTheReader) {
  const std::set<std::string> not_read = {"/notice"};  // what it says is no part of a report
  each_misshapen(to_json(whole_report()), [&](const Json& changed, const std::string& place) {
    EXPECT_FALSE(SchemaCheck(schema()).complaints(changed).empty()) << place;
    if (not_read.contains(place)) return;
    EXPECT_THROW(report_from_json(changed, "report"), Error) << place;
  });
  Json empty_boxes = to_json(whole_report());
  empty_boxes["findings"][0]["boxes"] = Json::array();
  EXPECT_FALSE(SchemaCheck(schema()).complaints(empty_boxes).empty());
  EXPECT_THROW(report_from_json(empty_boxes, "report"), Error);
}

TEST(ReportSchema, ThePageNamesEveryFieldAndItsExampleIsValid) {
  const std::string page = read_file(std::string(HILUM_SOURCE_DIR) + "/docs/report-json.md");
  std::set<std::string> names;
  names_of_schema(schema(), "", names);
  names_of_schema(schema()["$defs"]["finding"], "findings[].", names);
  for (const std::string& name : names) EXPECT_NE(page.find("`" + name + "`"), std::string::npos) << name;
  const size_t begin = page.find("```json\n") + 8;
  const Json example = Json::parse(page.substr(begin, page.find("```", begin) - begin));
  EXPECT_THAT(SchemaCheck(schema()).complaints(example), testing::IsEmpty());
  EXPECT_NO_THROW(report_from_json(example, "example"));
}

}  // namespace
}  // namespace hilum
