// docs/schemas/study.schema.json and docs/manifest.md against what is written and read.
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/json_schema_for_test.h"
#include "data/study.h"

namespace hilum {
namespace {

const Json& schema() {
  static const Json json = Json::parse(read_file(std::string(HILUM_SOURCE_DIR) + "/docs/schemas/study.schema.json"));
  return json;
}

// With every field there is.
Study whole_study() {
  Study study{.study_id = "p1",
      .patient_id = "p",
      .split = "train",
      .sex = "F",
      .age_months = 744,
      .images = {{"a.png", "frontal"}, {"b.png", "lateral"}, {"c.png", "prior_frontal"}},
      .indication = "Cough.",
      .technique = "PA.",
      .comparison = "None.",
      .prior_report = "Clear.",
      .findings = {{"An effusion.", {{{0.1, 0.2, 0.3, 0.4}}}, 0}, {"A normal heart.", {}, 0}},
      .impression = "Effusion.",
      .class_set = "nih",
      .classes = {"Effusion"},
      .targets = {{"bone_age_months", 132}},
      .dialogues = {{{{"Is there an effusion?", "Yes."}}}},
      .report = "Text."};
  for (const std::string& label : kChexpertLabels) study.labels[label] = -1;
  return study;
}

bool is_read(const Json& json) {
  try {
    (void)study_from_json(json.dump(), "line");
    return true;
  } catch (const Error&) {
    return false;
  }
}

TEST(StudySchema, WhatIsWrittenIsValidAndHasEveryField) {
  const Json json = Json::parse(study_to_json(whole_study()));
  EXPECT_THAT(SchemaCheck(schema()).complaints(json), testing::IsEmpty());
  std::set<std::string> written, described;
  for (const auto& [name, value] : json.items()) written.insert(name);
  for (const auto& [name, value] : schema()["properties"].items()) described.insert(name);
  EXPECT_EQ(written, described);
  std::set<std::string> labels;
  for (const auto& [name, value] : schema()["properties"]["labels"]["properties"].items()) labels.insert(name);
  EXPECT_EQ(labels, std::set<std::string>(kChexpertLabels.begin(), kChexpertLabels.end()));
  const Json bare = Json::parse(study_to_json({.study_id = "x", .report = "Text."}));
  EXPECT_THAT(SchemaCheck(schema()).complaints(bare), testing::IsEmpty());
}

TEST(StudySchema, WhatItRefusesIsRefusedByTheReader) {
  const Json whole = Json::parse(study_to_json(whole_study()));
  int changes = 0;
  each_misshapen(whole, [&](const Json& changed, const std::string& place) {
    EXPECT_FALSE(SchemaCheck(schema()).complaints(changed).empty()) << place;
    EXPECT_FALSE(is_read(changed)) << place;
    ++changes;
  });
  EXPECT_GT(changes, 50);
  const auto both_refuse = [&](const char* pointer, const Json& value) {
    Json changed = whole;
    changed[Json::json_pointer(pointer)] = value;
    EXPECT_FALSE(SchemaCheck(schema()).complaints(changed).empty()) << pointer;
    EXPECT_FALSE(is_read(changed)) << pointer;
  };
  both_refuse("/labels/Edema", 2);
  both_refuse("/labels/Effusion", 1);
  both_refuse("/images/0/view", "oblique");
  both_refuse("/images/0/path", "");
  both_refuse("/findings/0/boxes/0", Json::array({0, 0, 1}));
  both_refuse("/findings/0/boxes/0/3", 1.5);
  both_refuse("/age_months", -1);
  both_refuse("/study_id", nullptr);
}

TEST(StudySchema, NullIsAbsentWhereTheSchemaSaysSo) {
  const Json whole = Json::parse(study_to_json(whole_study()));
  for (const auto& [name, value] : schema()["properties"].items()) {
    if (name == "study_id") continue;
    Json changed = whole;
    changed[name] = nullptr;
    EXPECT_THAT(SchemaCheck(schema()).complaints(changed), testing::IsEmpty()) << name;
    EXPECT_TRUE(is_read(changed)) << name;
  }
}

TEST(StudySchema, ThePageNamesEveryField) {
  const std::string page = read_file(std::string(HILUM_SOURCE_DIR) + "/docs/manifest.md");
  for (const auto& [name, value] : schema()["properties"].items())
    EXPECT_NE(page.find("`" + name + "`"), std::string::npos) << name;
  const size_t begin = page.find("```json\n") + 8;  // the example is read as it stands
  std::string line;
  for (const char c : page.substr(begin, page.find("```", begin) - begin)) line += c == '\n' ? ' ' : c;
  EXPECT_TRUE(is_read(Json::parse(line)));
  EXPECT_THAT(SchemaCheck(schema()).complaints(Json::parse(line)), testing::IsEmpty());
}

}  // namespace
}  // namespace hilum
