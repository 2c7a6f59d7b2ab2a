#include "report/json.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/expect_error_for_test.h"

namespace hilum {
namespace {

Report example() {
  Report r;
  r.study_id = "p000017";
  r.model_name = "hilum-demo";
  r.weights_sha256 = "ab12";
  r.version = "0.1.0";
  r.demo = true;
  r.sampling = "greedy";
  r.findings = {{"There is a small left pleural effusion.", {{{0.1, 0.2, 1.0 / 3, 0.4}}}, 0.93},
      {"The heart size is normal.", {}, 0}};
  r.image_width = 2544;
  r.image_height = 3056;
  r.used = {0, 256, 2544, 2800};
  r.steps = {"monochrome1 inverted"};
  r.warnings = {"the prior report was dropped"};
  r.prompt_tokens = 1526;
  r.image_tokens = 1369;
  r.completion_tokens = 40;
  r.load_ms = 12.125;
  r.decode_ms = 1.5;
  r.image_ms = 20.25;
  r.prefill_ms = 300;
  r.generate_ms = 400.1239;
  return r;
}

TEST(ReportJson, HasThePublishedFormToTheByte) {
  EXPECT_EQ(to_json_text(example(), -1),
      R"({"schema":"hilum.report/1","notice":"Research use only. Not a medical device.","demo":true,"study_id":"p000017",)"
      R"("model":{"name":"hilum-demo","weights_sha256":"ab12","version":"0.1.0"},"task":"grounded","seed":0,"sampling":"greedy",)"
      R"("findings":[{"text":"There is a small left pleural effusion.","boxes":[[0.1,0.2,0.333333,0.4]],"token_probability":0.93},)"
      R"({"text":"The heart size is normal.","boxes":null,"token_probability":null}],"report":null,"finish":"stop",)"
      R"("image":{"width":2544,"height":3056,"view":"frontal","used":[0,256,2544,2800],"steps":["monochrome1 inverted"]},)"
      R"("warnings":["the prior report was dropped"],"usage":{"prompt_tokens":1526,"image_tokens":1369,"completion_tokens":40},)"
      R"("timing_ms":{"load":12.125,"decode":1.5,"image":20.25,"prefill":300.0,"generate":400.124}})");
}

TEST(ReportJson, ReadsBackWhatItWrote) {
  for (const bool far : {false, true})
    for (const bool plain : {false, true}) {
      Report report = example();
      report.far_from_phantoms = far;
      if (plain) {
        report.findings.clear();
        report.report = "The lungs are clear.";
      }
      const std::string text = to_json_text(report);
      const Report back = report_from_json(parse_json(text, "report"), "report");
      EXPECT_EQ(to_json_text(back), text);
      EXPECT_EQ(back.far_from_phantoms, far);
      EXPECT_EQ(back.report, report.report);
      EXPECT_EQ(back.warnings, report.warnings);
      EXPECT_EQ(back.used, report.used);
      EXPECT_EQ(back.findings.size(), report.findings.size());
    }
}

TEST(ReportJson, FarFromThePhantomsTheWarningComesFirst) {
  Report report = example();
  report.far_from_phantoms = true;
  report.report = "Clear lungs.";
  const Json json = to_json(report);
  EXPECT_EQ(json["warnings"][0], kDemoWarning);
  EXPECT_EQ(json["warnings"].size(), 2u);
  EXPECT_EQ(json["report"], std::string(kDemoWarning) + ". Clear lungs.");
  EXPECT_THAT(to_text(report), testing::StartsWith(kDemoWarning));
}

TEST(ReportJson, BytesThatAreNoUtf8DoNotEndTheRun) {
  Report report = example();
  report.study_id = "a\xFFz";
  EXPECT_THAT(to_json_text(report), testing::HasSubstr("\"a\xEF\xBF\xBDz\""));
}

TEST(ReportJson, NumbersThatAreNotFiniteBecomeNull) {
  Report report = example();
  report.decode_ms = NAN;
  EXPECT_TRUE(to_json(report)["timing_ms"]["decode"].is_null());
}

TEST(ReportJson, WrongFieldsAreNamed) {
  const auto error = [](const std::function<void(Json&)>& edit) {
    Json json = to_json(example());
    edit(json);
    return error_of([&] { report_from_json(json, "line 3"); });
  };
  EXPECT_THAT(error([](Json& j) { j["schema"] = "hilum.report/9"; }), testing::HasSubstr("line 3: schema"));
  EXPECT_THAT(error([](Json& j) { j.erase("findings"); }), testing::HasSubstr("has no \"findings\""));
  EXPECT_THAT(error([](Json& j) { j["findings"] = "none"; }), testing::HasSubstr("findings: is not a list"));
  EXPECT_THAT(
      error([](Json& j) { j["findings"][1]["boxes"] = Json::array(); }), testing::HasSubstr("findings[1]: boxes"));
  EXPECT_THAT(error([](Json& j) { j["findings"][0]["boxes"][0].push_back(1); }),
      testing::HasSubstr("x_min, y_min, x_max, y_max"));
  EXPECT_THAT(error([](Json& j) { j["findings"][0]["boxes"][0][2] = "0.3"; }), testing::HasSubstr("is not a number"));
  EXPECT_THAT(error([](Json& j) { j["findings"][0]["text"] = 5; }), testing::HasSubstr("findings[0]: text"));
  EXPECT_THAT(error([](Json& j) { j["seed"] = -1; }), testing::HasSubstr("seed"));
  EXPECT_THAT(error([](Json& j) { j["image"]["used"] = {1, 2, 3}; }), testing::HasSubstr("image: used"));
  EXPECT_THAT(error([](Json& j) { j["image"]["width"] = 5'000'000'000; }), testing::HasSubstr("image: width"));
  EXPECT_THAT(error([](Json& j) { j["warnings"] = {1}; }), testing::HasSubstr("warnings"));
  EXPECT_THAT(error([](Json& j) { j["finish"] = "content_filter"; }),
      testing::HasSubstr("finish: \"content_filter\" is not known"));
  EXPECT_THROW(report_from_json(Json::array(), "line 3"), Error);
}

TEST(ReportText, IsReadable) {
  Report report = example();
  EXPECT_EQ(to_text(report),
      "Research use only. Not a medical device.\n"
      "Hilum demo model: knows synthetic phantoms only.\n"
      "\n"
      "  1. There is a small left pleural effusion.\n"
      "     box: x 0.100-0.333, y 0.200-0.400  (px 254,611 to 848,1222)\n"
      "  2. The heart size is normal.\n"
      "\n"
      "Warnings:\n"
      "  - the prior report was dropped\n");
  report.demo = false;
  report.findings.clear();
  report.warnings.clear();
  report.finish = Finish::kLength;
  EXPECT_EQ(to_text(report),
      "Research use only. Not a medical device.\n\nNo findings were written.\n\nThe report is incomplete: the token "
      "limit was reached.\n");
  report.report = "Clear lungs.";
  report.finish = Finish::kStop;
  EXPECT_EQ(to_text(report), "Research use only. Not a medical device.\n\nClear lungs.\n");
}

// The sample of the service's documentation (sheet 6.2).
TEST(ReportAzure, IsTheServicesInnerList) {
  EXPECT_EQ(to_azure({{"The heart size is normal.", {}}, {"The aorta is tortuous.", {{{0.415, 0.225, 0.635, 0.755}}}}}),
      R"([["The heart size is normal.", null], ["The aorta is tortuous.", [[0.415, 0.225, 0.635, 0.755]]]])");
  EXPECT_EQ(to_azure({{"a", {{{0, 0.5, 1, 1}, {0.134765625, 0.27380952380952384, 0.453125, 0.6642857142857143}}}}}),
      R"([["a", [[0.0, 0.5, 1.0, 1.0], [0.134765625, 0.27380952380952384, 0.453125, 0.6642857142857143]]]])");
  EXPECT_EQ(to_azure({}), "[]");
  EXPECT_THROW(to_azure({{"a", {{{NAN, 0, 1, 1}}}}}), Error);
}

// Expected values: Python 3 json.dumps.
TEST(ReportAzure, TextIsEscapedAsPythonDoes) {
  EXPECT_EQ(to_azure({{"é \"q\" \\ / \n\t\x01\x7F 漢 🙂", {}}}),
      R"([["\u00e9 \"q\" \\ / \n\t\u0001\u007f \u6f22 \ud83d\ude42", null]])");
  EXPECT_EQ(to_azure({{"\xFF\xE2\x82", {}}}), R"([["\ufffd\ufffd\ufffd", null]])");
}

// Expected values: Python 3 repr().
TEST(ReportAzure, NumbersAreShortestAsPythonWritesThem) {
  EXPECT_EQ(shortest_number(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(shortest_number(0.0001), "0.0001");
  EXPECT_EQ(shortest_number(0.00001), "1e-05");
  EXPECT_EQ(shortest_number(0), "0.0");
  EXPECT_EQ(shortest_number(1), "1.0");
  EXPECT_EQ(shortest_number(123456789012.0), "123456789012.0");
  EXPECT_EQ(shortest_number(1e16), "1e+16");
  for (int k = 0; k < 100; ++k)
    EXPECT_LE(shortest_number((k + 0.5) / 100).size(), 5u) << k;  // at most three decimals (sheet 5)
}

RC_GTEST_PROP(ReportAzure, NumbersReadBackTheSame, (double value)) {
  RC_PRE(std::isfinite(value));
  RC_ASSERT(std::stod(shortest_number(value)) == value);
}

}  // namespace
}  // namespace hilum
