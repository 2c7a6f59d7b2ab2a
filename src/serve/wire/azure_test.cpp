#include "serve/wire/azure.h"

#include <limits>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "serve/wire/wire_for_test.h"

namespace hilum {
namespace {

std::string with_png(std::string body) {
  for (size_t at; (at = body.find("PNG")) != std::string::npos;) body.replace(at, 3, kPngLines);
  return body;
}
RequestError refused(const std::string& body) {
  return refusal([&] { read_score(with_png(body)); });
}

TEST(ScoreRequest, OfTheSheetsForReports) {
  const ScoreRequest request = read_score(
      with_png(R"({"input_data":{"columns":["frontal_image","indication","technique","comparison"],"index":[0],
    "data":[["PNG","Cough","PA chest","None"]]},"params":{}})"));
  EXPECT_EQ(request.kind, ScoreKind::kReports);
  ASSERT_EQ(request.rows.size(), 1u);
  const ScoreRow& row = request.rows[0];
  EXPECT_EQ(row.frontal.size(), 71u);
  EXPECT_EQ(row.frontal.substr(0, 4), "\x89PNG");
  EXPECT_EQ(row.frontal.substr(row.frontal.size() - 4), "\xae\x42\x60\x82");
  EXPECT_EQ(row.indication, "Cough");
  EXPECT_EQ(row.comparison, "None");
  EXPECT_TRUE(row.lateral.empty());
  EXPECT_FALSE(row.prior_report);
}

TEST(ScoreRequest, ColumnsStandInAnyOrderAndCellsMayBeNull) {
  const ScoreRequest request = read_score(with_png(
      R"({"input_data":{"columns":["prior_report","technique","prior_image","frontal_image","lateral_image"],"index":[7,"b"],
    "data":[["Clear.",null,"PNG","PNG",null],[null,"PA",null,"PNG","PNG"]]}})"));
  ASSERT_EQ(request.rows.size(), 2u);
  EXPECT_EQ(request.rows[0].name, "7");
  EXPECT_EQ(request.rows[1].name, "b");
  EXPECT_EQ(request.rows[0].prior_report, "Clear.");
  EXPECT_FALSE(request.rows[0].prior.empty());
  EXPECT_TRUE(request.rows[0].lateral.empty());
  EXPECT_FALSE(request.rows[0].technique);
  EXPECT_FALSE(request.rows[1].lateral.empty());
}

TEST(ScoreRequest, OfTheSheetsForEmbeddings) {
  const ScoreRequest request = read_score(with_png(
      R"({"input_data":{"columns":["image","text"],"index":[0,1,2],"data":[["PNG","x-ray chest anteroposterior Pneumonia"],["",
    "a quick brown fox jumps over the lazy dog"],["PNG",null]]},"params":{"get_scaling_factor":"true","image_standardization_jpeg_compression_ratio":75,
    "image_standardization_image_size":"512","other":1}})"));
  EXPECT_EQ(request.kind, ScoreKind::kEmbeddings);
  EXPECT_EQ(request.rows[0].text, "x-ray chest anteroposterior Pneumonia");
  EXPECT_TRUE(request.rows[1].image.empty());
  EXPECT_FALSE(request.rows[2].text);
  EXPECT_TRUE(request.params.get_scaling_factor);
  EXPECT_EQ(request.params.jpeg_quality, 75);
  EXPECT_EQ(request.params.image_size, 512);
}

TEST(ScoreRequest, ParamsMayBeAbsentOrNull) {
  for (const char* params : {"", R"(,"params":null)", R"(,"params":{})"}) {
    const ScoreRequest request =
        read_score(std::string(R"({"input_data":{"columns":["text"],"data":[["a"]]})") + params + "}");
    EXPECT_TRUE(request.params.get_scaling_factor);
    EXPECT_FALSE(request.params.image_size);
    EXPECT_EQ(request.rows[0].name, "0");
  }
  EXPECT_FALSE(
      read_score(R"({"input_data":{"columns":["text"],"data":[["a"]]},"params":{"get_scaling_factor":"False"}})")
          .params.get_scaling_factor);
}

TEST(ScoreRequest, TroubleNamesTheRowAndTheColumn) {
  const auto message = [](const std::string& body) { return std::string(refused(body).what()); };
  using testing::HasSubstr;
  EXPECT_THAT(
      message(
          R"({"input_data":{"columns":["frontal_image","indication"],"index":[4,5],"data":[["PNG","a"],["PNG"]]}})"),
      HasSubstr("row 5 has 1 cells for 2 columns"));
  EXPECT_THAT(message(R"({"input_data":{"columns":["frontal_image"],"index":[9],"data":[["iVBORw0KGgoAA"]]}})"),
      HasSubstr("row 9, frontal_image: is not base64"));
  EXPECT_THAT(message(R"({"input_data":{"columns":["frontal_image"],"data":[["PNG"],[null]]}})"),
      HasSubstr("row 1: frontal_image is missing"));
  EXPECT_THAT(
      message(R"({"input_data":{"columns":["frontal_image"],"data":[[""]]}})"), HasSubstr("frontal_image is missing"));
  EXPECT_THAT(
      message(R"({"input_data":{"columns":["frontal_image"],"data":[["****"]]}})"), HasSubstr("holds no base64"));
  EXPECT_THAT(message(R"({"input_data":{"columns":["lateral_image"],"data":[["PNG"]]}})"),
      HasSubstr("frontal_image is missing"));
  EXPECT_THAT(message(R"({"input_data":{"columns":["frontal_image"],"data":[["https://example.org/a.png"]]}})"),
      HasSubstr("not fetched"));
  EXPECT_THAT(message(R"({"input_data":{"columns":["frontal_image","indication"],"data":[["PNG",7]]}})"),
      HasSubstr("row 0, indication: is a number, not a string"));
  EXPECT_THAT(message(R"({"input_data":{"columns":["image","text"],"data":[["",null]]}})"),
      HasSubstr("row 0: has neither image nor text"));
  EXPECT_THAT(message(R"({"input_data":{"columns":["frontal_imgae"],"data":[["PNG"]]}})"),
      HasSubstr("Did you mean \"frontal_image\"?"));
  EXPECT_THAT(message(R"({"input_data":{"columns":["frontal_image","frontal_image"],"data":[["PNG","PNG"]]}})"),
      HasSubstr("stands there twice"));
  EXPECT_THAT(message(R"({"input_data":{"columns":["frontal_image","text"],"data":[["PNG","a"]]}})"),
      HasSubstr("of another model"));
  EXPECT_THAT(message(R"({"input_data":{"columns":[],"data":[[]]}})"), HasSubstr("names no column"));
  EXPECT_THAT(message(R"({"input_data":{"columns":["text"],"data":[]}})"), HasSubstr("holds no rows"));
  EXPECT_THAT(message(R"({"input_data":{"columns":["text"],"index":[0],"data":[["a"],["b"]]}})"),
      HasSubstr("2 rows for 1 row names"));
  EXPECT_THAT(message(R"({"input_data":{"columns":["text"],"data":[{"text":"a"}]}})"),
      HasSubstr("input_data.data[0]: is an object, not a list"));
  EXPECT_THAT(message(R"({"input_data":{"columns":"text","data":[["a"]]}})"),
      HasSubstr("input_data.columns: is a string, not a list"));
  EXPECT_THAT(message(R"({"dataframe_split":{}})"), HasSubstr("has no \"input_data\""));
  EXPECT_THAT(message(R"([1])"), HasSubstr("is a list, not an object"));
  EXPECT_THAT(message(R"({"input_data":{"columns":["text"],"data":[["a"]]},"params":{"get_scaling_factor":"yes"}})"),
      HasSubstr("params.get_scaling_factor: is neither true nor false"));
  EXPECT_THAT(
      message(
          R"({"input_data":{"columns":["text"],"data":[["a"]]},"params":{"image_standardization_image_size":1e9}})"),
      HasSubstr("from 16 to 4096"));
}

TEST(ScoreRequest, TooManyRowsAreRefused) {
  std::string rows = R"(["a"])";
  for (size_t i = 0; i < kMaxScoreRows; ++i) rows += R"(,["a"])";
  EXPECT_THAT(refused(R"({"input_data":{"columns":["text"],"data":[)" + rows + "]}}").what(),
      testing::HasSubstr("1024 are read"));
}

TEST(ScoreRequest, ARowsLaterTroubleIsNamedByItsIndex) {
  ScoreRow row;
  row.name = "17";
  EXPECT_STREQ(row_error(row, 2, Error("frontal_image", "is no picture", "Send PNG.")).what(),
      "row 17 (number 2): frontal_image: is no picture. Send PNG.");
  EXPECT_EQ(row_error(row, 17, RequestError(422, "x", "y")).status(), 422);
  EXPECT_THAT(row_error(row, 17, Error("x", "y")).what(), testing::StartsWith("row 17: "));
}

const std::vector<CropFinding> kCropFindings = {{"The heart size is normal.", std::nullopt},
    {"The aorta is tortuous.", std::vector<CropBox>{{0.415, 0.225, 0.635, 0.755}}}};

TEST(ScoreReply, ReportsInTheWireFormOfTheSheets) {
  const std::vector<std::vector<CropFinding>> rows = {kCropFindings};
  const Reply reply = score_reply(rows, ScoreForm::kWire);
  EXPECT_EQ(Json::parse(reply.body),  // sheet grounded-reporting 6.2, whose outer blanks are its own
      Json::parse(
          R"x([{"output": "[[\"The heart size is normal.\", null], [\"The aorta is tortuous.\", [[0.415, 0.225, 0.635, 0.755]]]]"}])x"));
  const std::vector<std::vector<CropFinding>> other = {{{"Heart size is normal.", std::nullopt},
      {"Small left effusion.", std::vector<CropBox>{{0.605, 0.715, 0.885, 0.905}}}}};
  EXPECT_EQ(score_reply(other, ScoreForm::kWire).body,  // sheet ecosystem 2.1, to the byte
      R"([{"output":"[[\"Heart size is normal.\", null], [\"Small left effusion.\", [[0.605, 0.715, 0.885, 0.905]]]]"}])");
  EXPECT_EQ(reply.headers.at(0), (std::pair<std::string, std::string>("X-Hilum-Box-Frame", "crop")));
}

TEST(ScoreReply, ReportsAsTheDocumentsPrintThem) {
  const std::vector<std::vector<CropFinding>> one = {kCropFindings}, two = {kCropFindings, {}};
  EXPECT_EQ(score_reply(one, ScoreForm::kDocuments).body,
      R"({"output":[["The heart size is normal.", null], ["The aorta is tortuous.", [[0.415, 0.225, 0.635, 0.755]]]]})");
  EXPECT_EQ(Json::parse(score_reply(two, ScoreForm::kDocuments).body).size(), 2u);
  EXPECT_EQ(Json::parse(score_reply(two, ScoreForm::kDocuments).body)[1]["output"], Json::array());
}

TEST(ScoreReply, EmbeddingsNestImagesAndKeepTextsFlat) {
  const std::vector<EmbeddingRow> rows = {{{0.1f, -2.5f}, {1.0f, 0.0f}}, {{}, {0.25f, 1e-10f}}, {{3.0f, 4.0f}, {}}};
  EXPECT_EQ(score_reply(rows, 4.5134, ScoreForm::kWire).body,
      R"([{"image_features":[[0.1,-2.5]],"text_features":[1,0],"scaling_factor":4.5134},{"text_features":[0.25,1e-10],"scaling_factor":4.5134},)"
      R"({"image_features":[[3,4]],"scaling_factor":4.5134}])");
  EXPECT_EQ(score_reply(rows, {}, ScoreForm::kDocuments).body,
      R"({"image_features":[[0.1,-2.5],[3,4]],"text_features":[[1,0],[0.25,1e-10]]})");
  const std::vector<EmbeddingRow> broken = {{{std::numeric_limits<float>::quiet_NaN()}, {}}};
  EXPECT_THROW(score_reply(broken, {}, ScoreForm::kWire), Error);
}

TEST(ScoreReply, ClassesAreSortedByScore) {
  EXPECT_EQ(score_reply({{{"A", 0.125}, {"B", 0.625}, {"C", 0.25}}, {{"A", 1.0}}}).body,
      R"([[{"label":"B","score":0.625},{"label":"C","score":0.25},{"label":"A","score":0.125}],[{"label":"A","score":1.0}]])");
}

TEST(AzureError, IsAMessage) {
  const Reply reply = azure_error(RequestError(400, "input_data.data, row 5", "has 1 cells for 2 columns"));
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.body, R"({"message":"input_data.data, row 5: has 1 cells for 2 columns."})");
}

}  // namespace
}  // namespace hilum
