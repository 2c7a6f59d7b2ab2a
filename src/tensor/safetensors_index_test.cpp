#include "tensor/safetensors_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "base/file.h"
#include "base/temp_folder_for_test.h"

namespace hilum {
namespace {

class WeightFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    const float x[] = {1, 2};
    const NamedTensor first[] = {{"a", Tensor::host({2}, x)}}, second[] = {{"b", Tensor::host({2}, x)}};
    write_safetensors(folder_ / "one.safetensors", first);
    write_safetensors(folder_ / "two.safetensors", second);
  }
  std::string problem(const std::string& index) {
    write_file(folder_ / "model.safetensors.index.json", index);
    return error_of([&] {
      const WeightFiles files(folder_);
      return std::to_string(files.items().size()) + " tensors";
    });
  }
  TempFolder folder_;
};

TEST_F(WeightFilesTest, ReadsTheShardsTheIndexNames) {
  EXPECT_EQ(problem(R"({"metadata":{"total_size":16},"weight_map":{"a":"one.safetensors","b":"two.safetensors"}})"),
      "2 tensors");
}

TEST_F(WeightFilesTest, AnIndexMayNotLeadOutOfTheFolder) {
  using testing::HasSubstr;
  EXPECT_THAT(problem(R"({"weight_map":{"a":"../one.safetensors"}})"), HasSubstr("outside"));
  EXPECT_THAT(problem(R"({"weight_map":{"a":"sub/../../one.safetensors"}})"), HasSubstr("outside"));
  EXPECT_THAT(
      problem("{\"weight_map\":{\"a\":\"" + (folder_ / "one.safetensors").string() + "\"}}"), HasSubstr("outside"));
  EXPECT_THAT(problem(R"({"weight_map":{"a":""}})"), HasSubstr("outside"));
}

TEST_F(WeightFilesTest, AnIndexMustSayTheTruth) {
  using testing::HasSubstr;
  EXPECT_THAT(problem(R"({"weight_map":{"c":"one.safetensors"}})"), HasSubstr("does not hold it"));
  EXPECT_THAT(problem(R"({"weight_map":{"a":"three.safetensors"}})"), HasSubstr("three.safetensors"));
  EXPECT_THAT(problem(R"({"weight_map":["a"]})"), HasSubstr("weight_map"));
  EXPECT_THAT(problem(R"({"weight_map":{"a":1}})"), HasSubstr("no file name"));
  EXPECT_THAT(problem(R"({"weight_map":{"a":"one.safetensors","a":"two.safetensors"}})"), HasSubstr("twice"));
}

TEST_F(WeightFilesTest, ATensorInTwoFilesIsRefused) {
  fs::copy_file(folder_ / "one.safetensors", folder_ / "copy.safetensors");
  const float x[] = {1, 2};
  const NamedTensor both[] = {{"a", Tensor::host({2}, x)}, {"d", Tensor::host({2}, x)}};
  write_safetensors(folder_ / "both.safetensors", both);
  EXPECT_THAT(
      problem(R"({"weight_map":{"a":"one.safetensors","d":"both.safetensors"}})"), testing::HasSubstr("and so does"));
}

TEST_F(WeightFilesTest, AFolderWithoutWeightsSaysWhatItWanted) {
  EXPECT_THROW(WeightFiles{folder_}, Error);
  fs::rename(folder_ / "one.safetensors", folder_ / "model.safetensors");
  EXPECT_EQ(WeightFiles(folder_).items().size(), 1u);
  EXPECT_EQ(WeightFiles(folder_ / "two.safetensors").items().size(), 1u);
}

TEST(ShardPlan, OpensAShardForTheTensorThatWouldNotFit) {
  const std::vector<SafetensorsEntry> tensors = {
      {"a", DType::kF32, {2}}, {"b", DType::kF16, {4}}, {"c", DType::kF32, {1}}, {"d", DType::kF32, {9}}};
  const ShardPlan plan = plan_shards(tensors, 16);  // 8 + 8 | 4 | 36 (too large for any: alone)
  ASSERT_EQ(plan.shards.size(), 3u);
  EXPECT_EQ(plan.shards[0].file, "model-00001-of-00003.safetensors");
  EXPECT_EQ(plan.shards[0].entries.size(), 2u);
  EXPECT_EQ(plan.shards[2].entries[0].name, "d");
  EXPECT_EQ(plan.total_bytes, 56u);
  EXPECT_EQ(plan_shards(tensors).shards[0].file, "model.safetensors");
}

}  // namespace
}  // namespace hilum
