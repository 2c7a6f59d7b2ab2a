#include "serve/wire/mlflow.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/replace_all.h"
#include "base/version.h"
#include "serve/wire/media_type.h"
#include "serve/wire/score_rows.h"
#include "serve/wire/wire_for_test.h"

namespace hilum {
namespace {

using testing::HasSubstr;

Invocation invoke(std::string body, const std::string& type = "application/json") {
  replace_all(body, "PNG", kPngLines);
  return read_invocation(type, body);
}
std::string trouble(const std::string& body, const std::string& type = "application/json") {
  return refusal([&] { invoke(body, type); }).what();
}

TEST(Invocations, TheFourFormsSayTheSame) {
  for (const char* body :
      {R"({"dataframe_split":{"columns":["text","image"],"data":[["a",null],["b","PNG"]]},"params":{"get_scaling_factor":false}})",
          R"({"dataframe_records":[{"text":"a"},{"image":"PNG","text":"b"}],"params":{"get_scaling_factor":false}})",
          R"({"instances":[{"text":"a"},{"text":"b","image":"PNG"}],"params":{"get_scaling_factor":false}})",
          R"({"inputs":{"text":["a","b"],"image":["","PNG"]},"params":{"get_scaling_factor":false}})",
          R"({"inputs":[{"text":"a"},{"text":"b","image":"PNG"}],"params":{"get_scaling_factor":false}})"}) {
    const Invocation invocation = invoke(body);
    EXPECT_EQ(invocation.kind, InvocationKind::kTable) << body;
    ASSERT_EQ(invocation.table.rows.size(), 2u) << body;
    EXPECT_EQ(invocation.table.rows[0].text, "a");
    EXPECT_TRUE(invocation.table.rows[0].image.empty());
    EXPECT_EQ(invocation.table.rows[1].text, "b");
    EXPECT_EQ(invocation.table.rows[1].image.size(), 71u);
    EXPECT_FALSE(invocation.table.params.get_scaling_factor);
  }
  const Invocation one = invoke(R"({"inputs":{"frontal_image":"PNG","indication":"Cough"}})");
  EXPECT_EQ(one.table.kind, ScoreKind::kReports);
  EXPECT_EQ(one.table.rows.at(0).indication, "Cough");
}

TEST(Invocations, ReplyOfTheSheet) {  // ecosystem 2.2; text features flat as recorded of the service
  const std::vector<EmbeddingRow> rows = {{{0.5f}, {0.25f}}};
  EXPECT_EQ(predictions_reply(embedding_rows_json(rows, 4.51)).body,
      R"({"predictions":[{"image_features":[[0.5]],"text_features":[0.25],"scaling_factor":4.51}]})");
  const std::vector<std::vector<CropFinding>> reports = {{{"Clear.", std::nullopt}}};
  EXPECT_EQ(
      predictions_reply(report_rows_json(reports)).body, R"({"predictions":[{"output":"[[\"Clear.\", null]]"}]})");
}

TEST(Invocations, ExactlyOneOfTheFour) {
  EXPECT_THAT(trouble("{}"), HasSubstr("has 0 of dataframe_split"));
  EXPECT_THAT(trouble(R"({"inputs":[],"instances":[]})"), HasSubstr("has 2 of"));
  EXPECT_THAT(trouble(R"({"input_data":{"columns":["text"],"data":[["a"]]}})"), HasSubstr("has 0 of"));
  EXPECT_THAT(trouble("[1]"), HasSubstr("is a list, not an object"));
  EXPECT_THAT(trouble(R"({"instances":["a"]})"), HasSubstr("instances[0]: is a string, not an object"));
  EXPECT_THAT(trouble(R"({"instances":"a"})"), HasSubstr("instances: is a string, not a list"));
  EXPECT_THAT(trouble(R"({"inputs":{"text":["a"],"image":[null,null]}})"), HasSubstr("different lengths"));
  EXPECT_THAT(trouble(R"({"inputs":{"text":[]}})"), HasSubstr("holds no rows"));
  EXPECT_THAT(trouble(R"({"dataframe_split":{"columns":["text"],"data":[["a","b"]]}})"),
      HasSubstr("dataframe_split.data: row 0 has 2 cells for 1 columns"));
  EXPECT_THAT(trouble(R"({"dataframe_records":[{"text":"a","colour":"b"}]})"), HasSubstr("\"colour\" is not a column"));
}

TEST(Invocations, Csv) {
  const Invocation invocation =
      invoke("text,image\r\n\"an effusion, small\",\r\nb,\"iVBORw==\n\"\n", "text/csv; charset=UTF-8");
  ASSERT_EQ(invocation.table.rows.size(), 2u);
  EXPECT_EQ(invocation.table.rows[0].text, "an effusion, small");
  EXPECT_TRUE(invocation.table.rows[0].image.empty());
  EXPECT_EQ(invocation.table.rows[1].image, "\x89PNG");
  EXPECT_THAT(trouble("text,image\na\n", "text/csv"), HasSubstr("row 0 has 1 cells for 2 columns"));
  EXPECT_THAT(trouble("text\n", "text/csv"), HasSubstr("holds no rows"));
  EXPECT_THAT(trouble("", "text/csv"), HasSubstr("is empty"));
  EXPECT_THAT(trouble("text\n\xff\n", "text/csv"), HasSubstr("not UTF-8"));
  EXPECT_THROW(invoke("text\n\"a\n", "text/csv"), Error);
  EXPECT_THAT(trouble("text\n" + std::string(300'000, ','), "text/csv"), HasSubstr("more than 200000 cells"));
}

TEST(Invocations, OtherTypesAndCharsetsAre415InPlainText) {
  for (const char* type :
      {"", "text/html", "application/json; charset=latin-1", "text/csv;charset=\"utf-16\"", "application/jsonx"}) {
    const RequestError error = refusal([&] { invoke("{}", type); });
    EXPECT_EQ(error.status(), 415) << type;
    EXPECT_EQ(mlflow_error(error).content_type, "text/plain");
  }
  EXPECT_NO_THROW(invoke(R"({"instances":[{"text":"a"}]})", "Application/JSON; charset=\"UTF-8\""));
}

TEST(Invocations, LanguageModelBodiesArePassedThrough) {
  EXPECT_EQ(invoke(R"({"messages":[{"role":"user","content":"Hi"}],"max_tokens":3})").chat.max_tokens, 3);
  EXPECT_EQ(invoke(R"({"messages":[{"role":"user","content":"Hi"}]})").kind, InvocationKind::kChat);
  const Invocation prompt = invoke(R"({"prompt":"Hi","temperature":0})");
  EXPECT_EQ(prompt.kind, InvocationKind::kPrompt);
  EXPECT_EQ(prompt.chat.messages.at(0).parts.at(0).text, "Hi");
  EXPECT_EQ(prompt.chat.temperature, 0.0);
  EXPECT_EQ(invoke(R"({"input":["a","b"]})").embeddings.inputs.size(), 2u);
  EXPECT_EQ(invoke(R"({"input":"a"})").kind, InvocationKind::kEmbeddings);
  EXPECT_EQ(completion_reply("cmpl-1", 7, "m", "Yes.", Finish::kStop, 2, 1).body,
      R"({"id":"cmpl-1","object":"text_completion","created":7,"model":"m","choices":[{"index":0,"text":"Yes.","logprobs":null,"finish_reason":"stop"}],)"
      R"("usage":{"prompt_tokens":2,"completion_tokens":1,"total_tokens":3}})");
}

TEST(MlflowReplies, ErrorsPingAndVersion) {
  EXPECT_EQ(mlflow_error(400, "a").body, R"({"error_code":"BAD_REQUEST","message":"a","stack_trace":""})");
  EXPECT_EQ(Json::parse(mlflow_error(500, "a").body)["error_code"], "INTERNAL_ERROR");
  EXPECT_EQ(mlflow_error(RequestError(429, "", "full")).status, 429);
  EXPECT_EQ(mlflow_ping(true).status, 200);
  EXPECT_EQ(mlflow_ping(false).status, 404);
  EXPECT_EQ(mlflow_ping(true).body, "\n");
  EXPECT_EQ(mlflow_ping(true).content_type, "application/json");
  EXPECT_EQ(mlflow_version().body, kVersion);
}

TEST(MediaTypes, AcceptIsWeighed) {
  constexpr std::string_view kOffered[] = {"application/json", "application/fhir+json", "application/dicom"};
  const auto chosen = [&](std::string_view header) {
    const auto type = accepted_type(header, kOffered);
    return type ? std::string(kOffered[*type]) : "none";
  };
  EXPECT_EQ(chosen(""), "application/json");
  EXPECT_EQ(chosen("*/*"), "application/json");
  EXPECT_EQ(chosen("application/fhir+json"), "application/fhir+json");
  EXPECT_EQ(chosen("application/fhir+json, application/json;q=0.9"), "application/fhir+json");
  EXPECT_EQ(chosen("application/json;q=0.1, */*;q=0.5"), "application/fhir+json");
  EXPECT_EQ(chosen("application/*;q=0.5, application/dicom"), "application/dicom");
  EXPECT_EQ(chosen("application/json;q=0, application/*"), "application/fhir+json");
  EXPECT_EQ(chosen("text/html,application/xhtml+xml,*/*;q=0.8"), "application/json");
  EXPECT_EQ(chosen("text/html"), "none");
  EXPECT_EQ(chosen("*/*;q=0"), "none");
  EXPECT_EQ(chosen(",;,=;q=x,\""), "none");
}

}  // namespace
}  // namespace hilum
