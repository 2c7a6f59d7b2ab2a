#include "eval/labels/report_texts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/expect_error_for_test.h"

namespace hilum {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string problem(const std::string& bytes, const std::string& where = "x.csv") {
  return expect_error([&] { report_texts_of_file(bytes, where); }).what();
}

TEST(ReportTexts, OneFieldARowNeedsNoHeader) {
  EXPECT_THAT(report_texts_of_csv("No edema.\n\"Edema, mild.\"\nNormal\n", "x").texts,
      ElementsAre("No edema.", "Edema, mild.", "Normal"));
  EXPECT_THAT(report_texts_of_csv("Report Impression\nNo edema.\n", "x").texts, ElementsAre("No edema."));
  EXPECT_THAT(report_texts_of_csv("radiology_note\nNo edema.\n", "x").texts, ElementsAre("No edema."));
}

TEST(ReportTexts, ColumnsAreFoundByName) {
  EXPECT_THAT(report_texts_of_csv("study_id,report\ns1,\"No edema.\"\n\ns2,\"a\nb\"\n", "x").texts,
      ElementsAre("No edema.", "a\nb"));
  EXPECT_THAT(report_texts_of_csv("uid,Findings,comparison,IMPRESSION\n1,A.,None.,B.\n2,,None.,C.\n", "x").texts,
      ElementsAre("A. B.", "C."));
  EXPECT_THAT(report_texts_of_csv("Reports,No Finding,Edema\nText.,1.0,\n", "x").texts, ElementsAre("Text."));
}

TEST(ReportTexts, WhatCannotBeToldIsRefused) {
  EXPECT_THAT(problem("s1,No edema.\ns2,Edema.\n"), HasSubstr("x.csv: line 1"));
  EXPECT_THAT(problem("id,report,text\n1,a,b\n"), HasSubstr("\"report\" and \"text\""));
  EXPECT_THAT(problem("No edema.\nEdema, mild.\n"), HasSubstr("x.csv: line 2: has 2 fields"));
  EXPECT_THAT(problem("report\n"), HasSubstr("holds no report"));
  EXPECT_THAT(problem("id,report\n1,\"a\"b\n"), HasSubstr("line 2: a stray quote"));
}

TEST(ReportTexts, WhatIsNoTextIsNamed) {
  EXPECT_THAT(problem(std::string("\x89PNG\r\n\x1a\n\0\0", 10)), HasSubstr("is a PNG picture, not reports"));
  EXPECT_THAT(problem(std::string(128, '\0') + "DICM"), HasSubstr("is a DICOM file"));
  EXPECT_THAT(problem("PK\x03\x04"), HasSubstr("is a zip archive"));
  EXPECT_THAT(problem("na\xefve\n"), HasSubstr("not UTF-8"));
  EXPECT_THAT(problem("[{\"report\": \"a\"}]", "x.json"), HasSubstr("one JSON array"));
}

TEST(ReportTexts, JsonLinesByContent) {
  const ReportTexts read = report_texts_of_file(
      "{\"findings\":[{\"text\":\"A.\"},{\"text\":\"B.\"}]}\n\n{\"report\":\"C.\"}\n{\"findings\":[]}\n", "x.txt");
  EXPECT_THAT(read.texts, ElementsAre("A. B.", "C.", ""));
  EXPECT_EQ(read.num_empty, 1);
  EXPECT_THAT(problem("{\"report\":\"C.\"}\n{\"study_id\":\"s\"}\n", "x.jsonl"), HasSubstr("line 2: has no report"));
}

}  // namespace
}  // namespace hilum
