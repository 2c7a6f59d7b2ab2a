#include "serve/wire/openai_embeddings.h"

#include <cstring>
#include <limits>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "serve/wire/openai_models.h"
#include "serve/wire/wire_for_test.h"

namespace hilum {
namespace {

TEST(EmbeddingsRequest, FormsThatClientsSend) {
  const EmbeddingsRequest one =
      read_embeddings(R"({"model":"m","input":"x-ray chest anteroposterior Edema","encoding_format":"base64"})");
  EXPECT_EQ(one.model, "m");
  EXPECT_EQ(one.inputs.at(0).text, "x-ray chest anteroposterior Edema");
  EXPECT_TRUE(one.base64);
  const EmbeddingsRequest many =
      read_embeddings(R"({"model":"m","input":["a",{"content":"b"},{"content":[{"type":"text","text":"c"}]},
    {"content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,QUJD"}}]}],"dimensions":1024,"encoding_format":"float","user":"x"})");
  ASSERT_EQ(many.inputs.size(), 4u);
  EXPECT_EQ(many.inputs[1].text, "b");
  EXPECT_EQ(many.inputs[2].text, "c");
  EXPECT_EQ(many.inputs[3].image.bytes, "ABC");
  EXPECT_FALSE(many.base64);
  EXPECT_EQ(many.dimensions, 1024);
  EXPECT_NO_THROW(check_dimensions(many, 1024));
  EXPECT_THAT(refusal([&] { check_dimensions(many, 768); }).what(),
      testing::HasSubstr("dimensions: is 1024, and this model's embeddings have 768 numbers"));
}

TEST(EmbeddingsRequest, RefusalsNameTheField) {
  const std::pair<std::string, std::string> cases[] = {
      {R"({"model":"m"})", "has no \"input\""},
      {R"({"input":[]})", "input: holds nothing"},
      {R"({"input":""})", "input: is empty"},
      {R"({"input":["a",""]})", "input[1]: is empty"},
      {R"({"input":[15496,995]})", "input: holds token ids"},
      {R"({"input":[[15496,995]]})", "input[0]: holds token ids"},
      {R"({"input":7})", "holds token ids"},
      {R"({"input":[{"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}]})", "input[0]: has 2 parts"},
      {R"({"input":[{"content":[]}]})", "input[0]: has 0 parts"},
      {R"({"input":[{"text":"a"}]})", "input[0]: has no \"content\""},
      {R"({"input":"a","encoding_format":"int8"})", "encoding_format: is a form that is not known"},
      {R"({"input":"a","dimensions":0})", "dimensions: is not a whole number from 1"},
      {R"({"input":[{"content":[{"type":"image_url","image_url":{"url":"https://a/b.png"}}]}]})", "not fetched"},
  };
  for (const auto& [body, text] : cases)
    EXPECT_THAT(refusal([&, b = body] { read_embeddings(b); }).what(), testing::HasSubstr(text)) << body;
}

TEST(EmbeddingsReply, OfTheSheet) {
  const std::vector<std::vector<float>> embeddings = {{0.5f, -1e-3f}, {1.0f, 2.0f}};
  EXPECT_EQ(embeddings_reply("m", embeddings, false, 7).body,
      R"({"object":"list","model":"m","data":[{"object":"embedding","index":0,"embedding":[0.5,-0.001]},{"object":"embedding","index":1,"embedding":[1,2]}],)"
      R"("usage":{"prompt_tokens":7,"total_tokens":7}})");
}

TEST(EmbeddingsRequest, AStringThatIsADataUriIsAPicture) {
  const EmbeddingsRequest request =
      read_embeddings(R"({"input":["data:image/png;base64,QUJD","data: of a text","DATA:image/png;base64,QU\nJD"]})");
  EXPECT_EQ(request.inputs[0].image.bytes, "ABC");
  EXPECT_EQ(request.inputs[2].image.bytes, "ABC");
}

TEST(EmbeddingsRequest, AzuresListOfPictures) {
  const EmbeddingsRequest request = read_image_embeddings(
      R"({"model":"m","input":[{"image":"data:image/png;base64,QUJD"},{"image":"QUJE","text":""}]})");
  EXPECT_EQ(request.model, "m");
  EXPECT_EQ(request.inputs[1].image.bytes, "ABD");
  EXPECT_EQ(
      refusal([] { read_image_embeddings(R"({"input":[{"image":"QUJD","text":"a"}]})"); }).param(), "input[0].text");
  EXPECT_EQ(refusal([] { read_image_embeddings(R"({"input":[]})"); }).param(), "input");
}

TEST(EmbeddingsReply, Base64IsLittleEndianF32) {
  const std::vector<std::vector<float>> embeddings = {{1.0f, -2.0f}};
  // 1.0f is 00 00 80 3f, -2.0f 00 00 00 c0
  EXPECT_EQ(Json::parse(embeddings_reply("m", embeddings, true, 0).body)["data"][0]["embedding"], "AACAPwAAAMA=");
  const std::vector<std::vector<float>> broken = {{std::numeric_limits<float>::infinity()}};
  EXPECT_THROW(embeddings_reply("m", broken, true, 0), Error);
}

TEST(Models, ListAndObjectOfTheSheet) {
  ServedModel model{.id = "cxr-7b",
      .kind = "reports",
      .tasks = {"grounded"},
      .views = {"frontal"},
      .demo = true,
      .notice = "n",
      .weights_sha256 = "ab"};
  const std::vector<ServedModel> models = {model};
  Json list = Json::parse(models_reply(models).body);
  EXPECT_EQ(list["data"][0], Json::parse(model_reply(model).body));
  EXPECT_EQ(list["data"][0]["hilum"].dump(),
      R"({"kind":"reports","tasks":["grounded"],"demo":true,"notice":"n","views":["frontal"],"weights_sha256":"ab"})");
  list["data"][0].erase("hilum");
  EXPECT_EQ(list.dump(),
      R"({"object":"list","data":[{"id":"cxr-7b","object":"model","created":0,"owned_by":"local","architecture":{"input_modalities":["text","image"],"output_modalities":["text"]}}]})");
  EXPECT_THAT(model_not_found("cxr-7", models).what(), testing::HasSubstr("Did you mean \"cxr-7b\"?"));
  EXPECT_EQ(model_not_found("other", models).status(), 404);
}

}  // namespace
}  // namespace hilum
