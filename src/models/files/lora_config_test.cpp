#include "models/files/lora_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/expect_error_for_test.h"

namespace hilum {
namespace {

using testing::AllOf;
using testing::HasSubstr;

LoraConfig read(const std::string& more) {
  return lora_config_from_json(parse_json(R"({"peft_type": "LORA")" + more + "}", "test"), "adapter_config.json");
}

std::string problem(const std::string& text) {
  return error_of([&] { lora_config_from_json(parse_json(text, "test"), "adapter_config.json"); });
}
std::string problem_with(const std::string& more) { return problem(R"({"peft_type": "LORA", "r": 4)" + more + "}"); }

TEST(LoraConfig, AbsentKeysTakePeftsDefaults) {
  const LoraConfig c = read("");
  EXPECT_EQ(c.rank_of("any.q_proj"), 8);
  EXPECT_EQ(c.scale_of("any.q_proj"), 1.0);
  EXPECT_EQ(c.base, "");
}

TEST(LoraConfig, TheScaleIsAlphaByTheRankOrByItsRoot) {
  EXPECT_EQ(read(R"(, "r": 16, "lora_alpha": 32)").scale_of("q"), 2.0);
  EXPECT_EQ(read(R"(, "r": 16, "lora_alpha": 32, "use_rslora": true)").scale_of("q"), 8.0);
  EXPECT_EQ(read(R"(, "r": 16, "lora_alpha": 2.5)").scale_of("q"), 2.5 / 16);
}

TEST(LoraConfig, TheFirstPatternThatFitsGivesAModuleItsOwnRankAndAlpha) {
  const LoraConfig c = read(
      R"(, "r": 4, "lora_alpha": 8, "rank_pattern": {"layers.0.q_proj": 2, "q_proj": 16}, "alpha_pattern": {"k_proj": 1, "q_proj": 32})");
  EXPECT_EQ(c.rank_of("model.layers.0.q_proj"), 2);
  EXPECT_EQ(c.rank_of("model.layers.1.q_proj"), 16);
  EXPECT_EQ(c.rank_of("model.layers.1.k_proj"), 4);
  EXPECT_EQ(c.scale_of("model.layers.0.q_proj"), 16.0);
  EXPECT_EQ(c.scale_of("model.layers.1.q_proj"), 2.0);
  EXPECT_EQ(c.scale_of("model.layers.1.k_proj"), 0.25);
  EXPECT_EQ(c.scale_of("model.layers.1.v_proj"), 2.0);
}

TEST(LoraConfig, TargetModulesAreAListOrAnExpression) {
  EXPECT_EQ(
      read(R"(, "target_modules": ["q_proj", "v_proj"])").modules, (std::vector<std::string>{"q_proj", "v_proj"}));
  EXPECT_EQ(read(R"(, "target_modules": "all-linear")").modules, std::vector<std::string>{"all-linear"});
}

TEST(LoraConfig, OtherFormsAreRefusedByName) {
  EXPECT_THAT(problem(R"({"peft_type": "IA3"})"),
      AllOf(HasSubstr("peft_type IA3 is not known"), HasSubstr("merge_and_unload")));
  EXPECT_THAT(problem(R"({"r": 4})"), HasSubstr("gives no peft_type"));
  EXPECT_THAT(problem("[]"), HasSubstr("is not a JSON object"));
  EXPECT_THAT(problem_with(R"(, "use_dora": true)"), HasSubstr("DoRA"));
  EXPECT_THAT(problem_with(R"(, "bias": "lora_only")"), HasSubstr("bias \"lora_only\""));
  EXPECT_THAT(problem_with(R"(, "lora_bias": true)"), HasSubstr("lora_bias"));
  EXPECT_THAT(problem_with(R"(, "fan_in_fan_out": true)"), HasSubstr("fan_in_fan_out"));
  EXPECT_THAT(problem_with(R"(, "init_lora_weights": "pissa_niter_16")"), HasSubstr("pissa_niter_16"));
  EXPECT_THAT(
      problem_with(R"(, "layer_replication": [[0, 4], [2, 5]])"), HasSubstr("\"layer_replication\" is [[0,4],[2,5]]"));
  EXPECT_THAT(problem_with(R"(, "a_key_of_tomorrow": 3)"), HasSubstr("\"a_key_of_tomorrow\" is 3"));
}

TEST(LoraConfig, KeysThatSayNothingOrOnlyHowItWasTrainedAreNoOtherForm) {
  EXPECT_EQ(
      problem_with(
          R"(, "use_dora": false, "bias": "none", "fan_in_fan_out": false, "init_lora_weights": "gaussian", "layer_replication": null,
                            "target_parameters": [], "arrow_config": {}, "lora_dropout": 0.1, "task_type": "CAUSAL_LM", "loftq_config": {"loftq_bits": 4})"),
      "no error");
}

TEST(LoraConfig, ValuesOutOfRangeNameTheirKey) {
  EXPECT_THAT(problem(R"({"peft_type": "LORA", "r": 0})"), HasSubstr("adapter_config.json: r: is 0"));
  EXPECT_THAT(problem(R"({"peft_type": "LORA", "r": 1e9})"), HasSubstr("r: is 1000000000.0"));
  EXPECT_THAT(problem_with(R"(, "lora_alpha": "16")"), HasSubstr("lora_alpha: is \"16\""));
  EXPECT_THAT(problem_with(R"(, "rank_pattern": {"q_proj": -1})"), HasSubstr("rank_pattern: \"q_proj\": is -1"));
  EXPECT_THAT(problem_with(R"(, "rank_pattern": 3)"), HasSubstr("rank_pattern: is not a JSON object"));
  EXPECT_THAT(problem_with(R"(, "alpha_pattern": {"(q|k)_proj": 3})"), HasSubstr("the pattern \"(q|k)_proj\" has a ("));
}

bool fits(const std::string& pattern, const std::string& name) { return ModulePattern(pattern, "test").fits(name); }

// Each was asked of Python 3.11: bool(re.match(rf"(.*\.)?({pattern})$", name)).
TEST(ModulePattern, FitsWhatPythonsExpressionFits) {
  EXPECT_TRUE(fits("q_proj", "model.layers.0.q_proj"));
  EXPECT_TRUE(fits("q_proj", "q_proj"));
  EXPECT_FALSE(fits("q_proj", "model.my_q_proj"));
  EXPECT_FALSE(fits("q_proj", "q_proj.inner"));
  EXPECT_TRUE(fits("layers.0.q_proj", "model.layers.0.q_proj"));
  EXPECT_TRUE(fits("layers.0.q_proj", "model.layers_0.q_proj"));  // . is any letter
  EXPECT_FALSE(fits(R"(layers\.0\.q_proj)", "model.layers_0.q_proj"));
  EXPECT_TRUE(fits(R"(layers.\d+.q_proj)", "model.layers.31.q_proj"));
  EXPECT_FALSE(fits(R"(layers.\d+.q_proj)", "model.layers.x.q_proj"));
  EXPECT_FALSE(fits(R"(layers.\d+.q_proj)", "model.layers..q_proj"));
  EXPECT_TRUE(fits("^model.q", "model.q"));
  EXPECT_FALSE(fits("^q", "model.q"));
  EXPECT_TRUE(fits("^model.*q", "model.layers.0.q"));
  EXPECT_TRUE(fits("q_proj|k_proj", "a.k_proj"));
  EXPECT_FALSE(fits("q_proj|k_proj", "a.v_proj"));
  EXPECT_TRUE(fits("fc1?", "a.fc"));
  EXPECT_TRUE(fits("fc1?", "a.fc1"));
  EXPECT_FALSE(fits("fc1?", "a.fc11"));
  EXPECT_TRUE(fits(R"(\w+_proj$)", "a.up_proj"));
  EXPECT_TRUE(fits("a*a*b", "aaab"));
  EXPECT_FALSE(fits("a+b", "b"));
}

TEST(ModulePattern, TakesNoLongerWhateverThePattern) {
  std::string pattern;
  for (int i = 0; i < 300; ++i) pattern += "a*";
  EXPECT_FALSE(fits(pattern + "b", std::string(2000, 'a')));  // a search that takes choices back would not end
  EXPECT_FALSE(fits(pattern + "b", std::string(4000, '.')));
}

}  // namespace
}  // namespace hilum
