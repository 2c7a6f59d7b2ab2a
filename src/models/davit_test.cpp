#include "models/vision/davit.h"

#include <gmock/gmock.h>

#include <tuple>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "base/rng.h"
#include "models/golden_test.h"
#include "models/language/text_transformer.h"
#include "ops/check/check_ops.h"

namespace hilum {
namespace {

using testing::HasSubstr;

std::string davit_problem(const std::string& json) {
  return error_of([&] { davit_config_from_json(parse_json(json, "t"), "t"); });
}

TEST(DavitConfig, AbsentKeysAreMedImageInsights) {
  const DavitConfig c = davit_config_from_json(parse_json("{}", "t"), "t");
  const DavitConfig published;
  ASSERT_EQ(c.stages.size(), published.stages.size());
  for (size_t i = 0; i < c.stages.size(); ++i) {
    const DavitStageConfig &a = c.stages[i], &b = published.stages[i];
    EXPECT_EQ(
        std::tie(a.patch_px, a.stride_px, a.padding_px, a.norm_before, a.width, a.depth, a.num_heads, a.num_groups),
        std::tie(b.patch_px, b.stride_px, b.padding_px, b.norm_before, b.width, b.depth, b.num_heads, b.num_groups));
  }
}

TEST(DavitConfig, ListsThatDoNotFitAreNamed) {
  EXPECT_EQ(
      davit_problem(
          R"({"embed_dim":[8],"depths":[1],"num_heads":[1],"num_groups":[2],"patch_size":[3],"patch_stride":[2],"patch_padding":[1],"patch_prenorm":[false]})"),
      "no error");
  EXPECT_THAT(davit_problem(R"({"depths":[1,1]})"), testing::AllOf(HasSubstr("depths"), HasSubstr("2 values")));
  EXPECT_THAT(davit_problem(R"({"num_heads":[3,16,32,64]})"), HasSubstr("3 heads"));
  EXPECT_THAT(davit_problem(R"({"num_groups":[8,16,32,0]})"), HasSubstr("num_groups"));
  EXPECT_THAT(davit_problem(R"({"patch_prenorm":[true,true,true,true]})"), HasSubstr("patch_prenorm"));
  EXPECT_THAT(davit_problem(R"({"patch_prenorm":1})"), HasSubstr("patch_prenorm"));
  EXPECT_THAT(davit_problem(R"({"embed_dim":[]})"), HasSubstr("0 stages"));
  EXPECT_THAT(davit_problem(R"({"window_size":0})"), HasSubstr("window_size"));
  EXPECT_THAT(davit_problem(R"({"embed_dim":"wide"})"), HasSubstr("embed_dim"));
  EXPECT_THAT(davit_problem(R"({"depths":[1,1,100000,1]})"), HasSubstr("100000"));
}

TEST(Davit, APictureThatDoesNotFitIsRefused) {
  const Davit tower(DavitConfig{}, "image.");
  CheckOps ops;
  const auto run = [&](Shape shape) {
    return tower.forward(ops, ops.from_host(Tensor(std::move(shape), DType::kF32, nullptr))).shape();
  };
  EXPECT_EQ(run({2, 3, 480, 480}), Shape({2, 2048}));
  EXPECT_EQ(run({1, 3, 1, 7}), Shape({1, 2048}));  // any size works: the border makes up a patch
  EXPECT_THROW(run({1, 1, 480, 480}), Error);
  EXPECT_THROW(run({1, 3, 0, 480}), Error);
  EXPECT_THROW(run({3, 480, 480}), Error);
}

// Places that fill up a window take part with keys and values equal to the bias. A grid of 2 x 2 in a window of 3, all
// weights of the attention's projection zero: every key is the bias, so the weights are 1/9 each, and the result is the
// mean of four values and five biases.
TEST(Davit, PlacesPastTheGridTakePartWithTheBias) {
  const DavitConfig config = davit_config_from_json(
      parse_json(
          R"({"embed_dim":[2],"depths":[1],"num_heads":[1],"num_groups":[1],"patch_size":[1],"patch_stride":[1],"patch_padding":[0],"patch_prenorm":[false],"window_size":3})",
          "t"),
      "t");
  DavitBlock block("b.", config, config.stages[0], false);
  ParamList params;
  block.params(params);
  for (Param* p : params) {
    Tensor values = Tensor::host(p->shape());
    const auto set = [&](auto f) {
      for (int64_t i = 0; i < values.shape().count(); ++i) values.f32()[i] = f(i);
    };
    set([](int64_t) { return 0.0f; });
    if (p->name() == "b.window_attn.norm.weight") set([](int64_t) { return 1.0f; });
    if (p->name() == "b.window_attn.fn.qkv.weight")
      set([](int64_t i) { return i == 8 || i == 11 ? 1.0f : 0.0f; });  // v = the normalised token
    if (p->name() == "b.window_attn.fn.qkv.bias") set([](int64_t i) { return i >= 4 ? 0.9f : 0.0f; });
    if (p->name() == "b.window_attn.fn.proj.weight") set([](int64_t i) { return i == 0 || i == 3 ? 1.0f : 0.0f; });
    p->set_data(values);
  }
  // normalised tokens are (1, -1) three times and (-1, 1) once: their sum is (2, -2)
  const Tensor x = Tensor::host({4, 2}, std::vector<float>{3, 1, 5, 3, 2, 0, 0, 2});
  for (const Backend& backend : cpu_backends()) {
    const DavitGrid grid{.images = 1, .height = 2, .width = 2};
    const Tensor y = block.forward(*backend.ops, x, grid, davit_windows(*backend.ops, grid, config.window));
    for (int64_t i = 0; i < 8; ++i)
      EXPECT_NEAR(y.f32()[i], x.f32()[i] + 0.9 + (i % 2 ? -2.0 : 2.0) / 9, 1e-5) << backend.name << " at " << i;
  }
}

TEST(TextTransformer, ConfigsThatDoNotFitAreNamed) {
  const auto problem = [](const std::string& json) {
    return error_of([&] { text_transformer_config_from_json(parse_json(json, "t"), "t"); });
  };
  EXPECT_EQ(problem("{}"), "no error");
  EXPECT_THAT(problem(R"({"num_attention_heads":7})"), HasSubstr("7 heads"));
  EXPECT_THAT(problem(R"({"hidden_act":"relu"})"), HasSubstr("relu"));
  EXPECT_THAT(problem(R"({"form":"other"})"), HasSubstr("open_clip and transformers"));
  EXPECT_THAT(problem(R"({"vocab_size":0})"), HasSubstr("vocab_size"));
}

TEST(TextTransformer, TextsThatDoNotFitAreRefused) {
  const TextTransformer tower(
      TextTransformerConfig{.vocab = 10, .positions = 4, .width = 8, .depth = 1, .num_heads = 2, .mlp_width = 8},
      "text.");
  CheckOps ops;
  const auto run = [&](std::vector<int32_t> ids) {
    const std::vector<std::vector<int32_t>> texts = {{1}, std::move(ids)};
    return tower.forward(ops, TextBatch::of(texts)).shape();
  };
  EXPECT_EQ(run({1, 2, 3, 9}), Shape({2, 8}));
  EXPECT_THROW(run({1, 2, 3, 4, 9}), Error);
  EXPECT_THROW(run({10}), Error);
  EXPECT_THROW(run({-1}), Error);
  EXPECT_THROW(run({}), Error);
}

}  // namespace
}  // namespace hilum
