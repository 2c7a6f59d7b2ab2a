#include "models/vlm_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/expect_error_for_test.h"

namespace hilum {
namespace {

using testing::HasSubstr;

const Preset& maira() {
  static const Preset preset = preset_for("/nowhere", parse_json(R"({"model_type":"maira2"})", "test"));
  return preset;
}

Json config(const std::string& joint = "", const std::string& vision = "", const std::string& text = "") {
  return parse_json("{\"model_type\":\"maira2\"" + joint +
                        ",\"vision_config\":{\"model_type\":\"dinov2\",\"image_size\":518" + vision +
                        "},\"text_config\":{\"model_type\":\"llama\",\"vocab_size\":300" + text + "}}",
      "test");
}

VlmConfig read(const Json& json) { return vlm_config_from_json(json, maira(), "config.json"); }

std::string problem(const Json& json) {
  return error_of([&] { read(json); });
}

TEST(VlmConfig, AbsentKeysTakeTheReferenceClassesDefaults) {
  const VlmConfig c = read(config());
  EXPECT_EQ(c.vision.vit.patch_px, 14);
  EXPECT_EQ(c.vision.vit.feature_layer, 12);
  EXPECT_TRUE(c.vision.vit.final_norm);
  EXPECT_FALSE(c.vision.vit.keep_class_token);
  EXPECT_EQ(c.language.width, 4096);
  EXPECT_EQ(c.language.num_kv_heads, 32);
  EXPECT_EQ(c.language.norm_eps, 1e-6f);
  EXPECT_EQ(c.language.rope_factor, 1.0f);
  EXPECT_EQ(c.projector.num_layers, 4);
  EXPECT_EQ(c.image_token, 32204);
}

TEST(VlmConfig, BothGenerationsOfRotarySettingsAreRead) {
  const DecoderConfig old =
      read(config("", "", R"(,"rope_theta":5000.0,"rope_scaling":{"rope_type":"linear","factor":2.0})")).language;
  const DecoderConfig young =
      read(config("", "", R"(,"rope_parameters":{"rope_type":"linear","factor":2.0,"rope_theta":5000.0})")).language;
  for (const DecoderConfig& c : {old, young}) {
    EXPECT_EQ(c.rope_theta, 5000.0f);
    EXPECT_EQ(c.rope_factor, 2.0f);
  }
  EXPECT_EQ(read(config("", "", R"(,"rope_scaling":null)")).language.rope_factor, 1.0f);
  EXPECT_THAT(problem(config("", "", R"(,"rope_scaling":{"rope_type":"yarn","factor":2.0})")), HasSubstr("yarn"));
}

TEST(VlmConfig, WhatIsNotImplementedIsRefusedByName) {
  EXPECT_THAT(problem(config(R"(,"vision_feature_layer":[-2,-5])")), HasSubstr("vision_feature_layer"));
  EXPECT_THAT(problem(config(R"(,"vision_feature_select_strategy":"cls")")), HasSubstr("\"cls\""));
  EXPECT_THAT(problem(config(R"(,"projector_hidden_act":"mish")")), HasSubstr("mish"));
  EXPECT_THAT(problem(config("", R"(,"use_swiglu_ffn":true)")), HasSubstr("use_swiglu_ffn"));
  EXPECT_THAT(problem(config("", R"(,"out_features":["stage13"])")), HasSubstr("stage13"));
  EXPECT_THAT(problem(config("", "", R"(,"hidden_act":"gelu")")), HasSubstr("gelu"));
  EXPECT_THAT(
      problem(parse_json(R"({"vision_config":{"model_type":"siglip"},"text_config":{}})", "t")), HasSubstr("siglip"));
  EXPECT_THAT(
      problem(parse_json(R"({"vision_config":{},"text_config":{"model_type":"mistral"}})", "t")), HasSubstr("mistral"));
  EXPECT_THAT(problem(parse_json(R"({"vision_config":{}})", "t")), HasSubstr("text_config"));
}

TEST(VlmConfig, WrongTypesAndSizesNameTheirKey) {
  EXPECT_THAT(problem(config("", R"(,"hidden_size":"wide")")), HasSubstr("\"hidden_size\" is \"wide\""));
  EXPECT_THAT(problem(config("", R"(,"hidden_size":-4)")), HasSubstr("hidden_size"));
  EXPECT_THAT(problem(config("", R"(,"num_hidden_layers":100000)")), HasSubstr("num_hidden_layers"));
  EXPECT_THAT(problem(config("", "", R"(,"rms_norm_eps":true)")), HasSubstr("rms_norm_eps"));
  EXPECT_THAT(problem(config("", "", R"(,"num_attention_heads":0)")), HasSubstr("num_attention_heads"));
  EXPECT_THAT(problem(parse_json("[1]", "t")), HasSubstr("not a JSON object"));
  EXPECT_THROW(Vlm(read(config("", R"(,"num_attention_heads":7)"))), Error);  // 768 does not split into 7
}

TEST(VlmConfig, WritesWhatItReads) {
  VlmConfig c = read(config("", R"(,"out_features":["stage9"],"num_attention_heads":6)",
      R"(,"num_key_value_heads":8,"tie_word_embeddings":true,
      "rope_scaling":{"type":"linear","factor":1.5},"attention_bias":true)"));
  c.vision.vit.keep_class_token = true;
  c.image_token = 7;
  const Json once = vlm_config_to_json(c, maira());
  EXPECT_EQ(once["model_type"], "maira2");
  const VlmConfig back = read(once);
  EXPECT_EQ(vlm_config_to_json(back, maira()), once);
  EXPECT_EQ(back.vision.vit.feature_layer, 9);
  EXPECT_EQ(back.language.num_kv_heads, 8);
  EXPECT_TRUE(back.language.output_bias && back.language.tied_embeddings);
  EXPECT_EQ(back.image_token, 7);
}

}  // namespace
}  // namespace hilum
