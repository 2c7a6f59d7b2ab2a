#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "report/json.h"
#include "serve/wire/native_context.h"
#include "serve/wire/native_reply.h"
#include "serve/wire/wire_for_test.h"

namespace hilum {
namespace {

Report example() {
  Report report;
  report.study_id = "p1";
  report.model_name = "hilum-demo";
  report.demo = true;
  report.findings = {{"The heart size is normal.", std::nullopt, 0.9},
      {"Small left effusion.", std::vector<BoxNorm>{{0.1234567, 0.2, 0.3, 0.4}}, 0.5}};
  return report;
}

TEST(ReportContext, EveryFieldOfTheContract) {
  const ReportContext context = read_report_context(
      R"({"model":"m","task":"findings","indication":"Cough.","technique":"PA","comparison":"None.","prior_report":"Clear.","study_id":"s1",
    "max_new_tokens":300,"temperature":0.7,"top_p":0.9,"top_k":40,"seed":9223372036854775807,"allow_mismatch":true,"allow_demo":true})");
  EXPECT_EQ(context.model, "m");
  EXPECT_EQ(context.task, "findings");
  EXPECT_EQ(context.indication, "Cough.");
  EXPECT_EQ(context.prior_report, "Clear.");
  EXPECT_EQ(context.study_id, "s1");
  EXPECT_EQ(context.sampling.max_new_tokens, 300);
  EXPECT_EQ(context.sampling.top_k, 40);
  EXPECT_EQ(context.sampling.seed, 9223372036854775807u);
  EXPECT_TRUE(context.allow_mismatch && context.allow_demo);
  EXPECT_FALSE(context.report);
}

TEST(ReportContext, NothingIsTheDefaults) {
  for (const char* json : {"", " \n", "{}", R"({"model":null,"indication":null})"}) {
    const ReportContext context = read_report_context(json);
    EXPECT_TRUE(context.task.empty() && context.model.empty());
    EXPECT_FALSE(context.indication || context.sampling.temperature);
  }
}

TEST(ReportContext, AReportMadeBeforeComesBackAsItWas) {
  const ReportContext context = read_report_context("{\"report\":" + to_json_text(example(), -1) + "}");
  ASSERT_TRUE(context.report);
  EXPECT_EQ(to_json_text(*context.report), to_json_text(example()));
}

TEST(ReportContext, RefusalsNameTheField) {
  const auto reason = [](const std::string& json) {
    return std::string(refusal([&] { read_report_context(json); }).what());
  };
  using testing::HasSubstr;
  EXPECT_THAT(
      reason(R"({"indicaton":"a"})"), HasSubstr("context.indicaton: is not known here. Did you mean \"indication\"?"));
  EXPECT_THAT(reason(R"({"zzzzzzzzzzzz":1})"), HasSubstr("Known: model, task"));
  EXPECT_THAT(reason(R"({"indication":7})"), HasSubstr("context.indication: is a number, not a string"));
  EXPECT_THAT(reason(R"({"max_new_tokens":0})"), HasSubstr("context.max_new_tokens: is not a whole number from 1 to"));
  EXPECT_THAT(reason(R"({"temperature":-1})"), HasSubstr("context.temperature: is -1"));
  EXPECT_THAT(reason(R"({"top_p":0})"), HasSubstr("context.top_p: is 0"));
  EXPECT_THAT(reason(R"({"seed":-1})"), HasSubstr("context.seed"));
  EXPECT_THAT(reason(R"({"seed":1.5})"), HasSubstr("context.seed"));
  EXPECT_THAT(reason(R"({"allow_demo":"yes"})"), HasSubstr("context.allow_demo: is a string, not true or false"));
  EXPECT_THAT(reason(R"({"study_id":"a\u0000b"})"), HasSubstr("context.study_id: holds a control character"));
  EXPECT_THAT(reason("[]"), HasSubstr("context: is a list, not an object"));
  EXPECT_THAT(reason("{"), HasSubstr("not JSON"));
  EXPECT_THAT(reason(R"({"report":{"schema":"x"}})"), HasSubstr("context.report: schema"));
  EXPECT_THAT(
      reason(
          R"({"report":{"schema":"hilum.report/1","task":"grounded","findings":[{"text":"a","boxes":[[0,0,2,1]]}]}})"),
      HasSubstr("context.report.findings[0].boxes: holds a box"));
  EXPECT_THAT(reason(R"({"indication":")" + std::string(70'000, 'a') + "\"}"), HasSubstr("65536 are read"));
}

TEST(GroundingContext, NeedsAPhrase) {
  EXPECT_EQ(read_grounding_context(R"({"phrase":"left effusion","model":"m"})").phrase, "left effusion");
  EXPECT_THAT(refusal([] { read_grounding_context("{}"); }).what(), testing::HasSubstr("context: has no \"phrase\""));
  EXPECT_THAT(refusal([] { read_grounding_context(R"({"phrase":" "})"); }).what(),
      testing::HasSubstr("context.phrase: is empty"));
  EXPECT_THAT(refusal([] { read_grounding_context(R"({"phrase":"a","task":"phrase"})"); }).what(),
      testing::HasSubstr("context.task: is not known here"));
}

TEST(ClassifyContext, LabelsAndPatterns) {
  const ClassifyContext context =
      read_classify_context(R"({"labels":["A","B"],"template":"x-ray chest {}","negative":"no {}"})");
  EXPECT_EQ(context.labels, (std::vector<std::string>{"A", "B"}));
  EXPECT_EQ(context.label_template, "x-ray chest {}");
  EXPECT_EQ(context.negative, "no {}");
  EXPECT_TRUE(read_classify_context("{}").labels.empty());
  for (const char* json : {R"({"labels":[]})", R"({"labels":["A","A"]})", R"({"labels":[""]})", R"({"labels":"A"})",
           R"({"labels":["A"],"template":"x-ray"})", R"({"labels":["A"],"template":"{} {}"})"})
    EXPECT_THROW(read_classify_context(json), RequestError) << json;
}

TEST(SearchContext, TextAndTop) {
  EXPECT_EQ(read_search_context("").top, 5);
  EXPECT_FALSE(read_search_context("{}").text);
  EXPECT_EQ(read_search_context(R"({"text":"effusion","top":7})").text, "effusion");
  for (const char* json : {R"({"top":0})", R"({"top":1001})", R"({"text":""})", R"({"k":5})"})
    EXPECT_THROW(read_search_context(json), RequestError) << json;
}

TEST(NativeReply, FormsByAccept) {
  EXPECT_EQ(report_form(""), ReportForm::kJson);
  EXPECT_EQ(report_form("*/*"), ReportForm::kJson);
  EXPECT_EQ(report_form("application/fhir+json"), ReportForm::kFhir);
  EXPECT_EQ(report_form("application/dicom"), ReportForm::kDicom);
  EXPECT_EQ(report_form("text/event-stream"), ReportForm::kEvents);
  EXPECT_EQ(report_form("image/png"), std::nullopt);
}

TEST(NativeReply, BodiesOfTheContract) {
  EXPECT_EQ(report_reply(example()).body, to_json_text(example(), -1));
  EXPECT_EQ(report_reply(example()).headers.at(0).first, "X-Hilum-Demo");
  const std::vector<std::pair<std::string, double>> scores = {{"B", 0.25}, {"A", 0.75}};
  EXPECT_EQ(classify_reply("m", scores).body, R"({"model":"m","scores":{"B":0.25,"A":0.75}})");
  const std::vector<SearchHit> hits = {{0.5, "a.png", "s1"}};
  EXPECT_EQ(search_reply(hits).body, R"({"results":[{"rank":1,"score":0.5,"path":"a.png","study_id":"s1"}]})");
  EXPECT_EQ(search_reply(hits, true, "far").body,
      R"({"results":[{"rank":1,"score":0.5,"path":"a.png","study_id":"s1","demo":true,"warning":"far"}]})");
}

TEST(NativeReply, EventsOfTheContract) {
  EXPECT_EQ(piece_event("Small "), "event: piece\ndata: {\"text\":\"Small \"}\n\n");
  EXPECT_EQ(finding_event(0, example().findings[0]),
      "event: finding\ndata: {\"index\":0,\"text\":\"The heart size is normal.\",\"boxes\":null}\n\n");
  EXPECT_EQ(finding_event(1, example().findings[1]),
      "event: finding\ndata: {\"index\":1,\"text\":\"Small left effusion.\",\"boxes\":[[0.123457,0.2,0.3,0.4]]}\n\n");
  EXPECT_EQ(report_event(example()), "event: report\ndata: " + to_json_text(example(), -1) + "\n\n");
  EXPECT_EQ(native_error_event(RequestError(422, "frontal", "is no picture")),
      "event: error\ndata: {\"error\":{\"message\":\"frontal: is no "
      "picture.\",\"type\":\"invalid_request_error\",\"param\":\"frontal\",\"code\":null}}\n\n");
}

TEST(NativeReply, ImagesAreLittleEndianSamplesWithAHeader) {
  DecodedImage image;
  image.pixels.width = 2;
  image.pixels.height = 1;
  image.pixels.data8 = {0, 255};
  image.metadata.format = "png";
  image.metadata.patient_id = "SECRET";
  image.steps = {"caf\xc3\xa9\n"};
  Reply reply = image_reply(image);
  EXPECT_EQ(reply.body, std::string("\0\0\xff\xff", 4));
  EXPECT_EQ(reply.content_type, "application/octet-stream");
  EXPECT_EQ(reply.headers.at(0).second,
      R"({"width":2,"height":1,"bits":8,"format":"png","steps":["caf\u00e9\n"],"warnings":[],"view":"","spacing_mm":0.0,"study_date":""})");
  image.pixels.bits = 16;
  image.pixels.data8.clear();
  image.pixels.data16 = {0x1234, 0xfffe};
  EXPECT_EQ(image_reply(image).body, std::string("\x34\x12\xfe\xff", 4));
}

}  // namespace
}  // namespace hilum
