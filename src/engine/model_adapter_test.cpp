// A system with a LoRA adapter: its network is the merged one, and its sum tells it from the model without.
#include <gtest/gtest.h>

#include <set>

#include "base/error.h"
#include "engine/tiny_demo_for_test.h"
#include "models/verify.h"

namespace hilum {
namespace {

const fs::path kAdapter = HILUM_TESTDATA "/models/lora/cxr-llava";

class ModelAdapter : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* file : {"config.json", "model.safetensors"})
      fs::copy(fs::path(HILUM_TESTDATA "/models/cxr-llava") / file, model / file);
    fs::copy(HILUM_TESTDATA "/text/sentencepiece.model", model / "tokenizer.model");
    for (const char* file : {"adapter_config.json", "adapter_model.bin"}) fs::copy(kAdapter / file, adapter / file);
  }
  TempFolder model_folder, adapter_folder;
  const fs::path &model = model_folder.path, &adapter = adapter_folder.path;
};

TEST_F(ModelAdapter, TheNetworkIsTheMergedOne) {
  const auto merged = Model::load(model, {.threads = 1}, adapter);
  const SafetensorsFile dump(kAdapter / "reference.safetensors");
  for (const CompareRow& row : compare_to_dump(merged->ops(), merged->network(), dump))
    EXPECT_LE(row.rel_l2, 1e-4) << row.name;
}

TEST_F(ModelAdapter, TheSumIsOfModelAdapterAndItsConfig) {
  const auto sum = [&](const fs::path& with) { return Model::load(model, {.threads = 1}, with)->weights_sha256(); };
  const std::string base = sum({}), with = sum(adapter);
  EXPECT_EQ(base, sha256_file(model / "model.safetensors"));  // as ever
  EXPECT_EQ(with, sum(adapter));
  std::string config = read_file(adapter / "adapter_config.json");
  const std::string alpha = "\"lora_alpha\": 3";
  ASSERT_NE(config.find(alpha), std::string::npos);
  write_file(adapter / "adapter_config.json", config.replace(config.find(alpha), alpha.size(), "\"lora_alpha\": 5"));
  const std::string other_alpha = sum(adapter);
  fs::copy_file(
      kAdapter / "adapter_config.json", adapter / "adapter_config.json", fs::copy_options::overwrite_existing);
  const Tensor bias = Tensor::host({48}, std::vector<float>(48, 0.5f));
  write_safetensors(
      adapter / "adapter_model.safetensors", std::vector<NamedTensor>{{"base_model.model.mm_projector.bias", bias}});
  const std::string other_values = sum(adapter);
  EXPECT_EQ(std::set({base, with, other_alpha, other_values}).size(), 4u);
}

TEST_F(ModelAdapter, OneThatDoesNotFitIsAnErrorBeforeAnythingRuns) {
  EXPECT_THROW(Model::load(model, {.threads = 1}, HILUM_TESTDATA "/models/lora/maira2-f16"), Error);
  EXPECT_THROW(Model::load(model, {.threads = 1}, model), Error);
  EXPECT_THROW(Model::load(adapter, {.threads = 1}), Error);
}

}  // namespace
}  // namespace hilum
