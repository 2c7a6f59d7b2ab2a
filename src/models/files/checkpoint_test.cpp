#include "models/files/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "base/file.h"
#include "base/temp_folder_for_test.h"
#include "nn/linear.h"
#include "nn/norm.h"
#include "tensor/safetensors_index.h"

namespace hilum {
namespace {

using testing::HasSubstr;

const std::vector<KeyRule> kKeys = {{"net.", "part."}, {"v2.net.", "part."}};

class Checkpoint : public testing::Test {
 protected:
  Checkpoint() {
    linear_.params(params_);
    norm_.params(params_);
    float value = 0;
    for (Param* p : params_) {
      p->set_data(Tensor::host(p->shape()));
      for (float& x : p->data().values()) x = 1.0f + 0.001f * value++;
    }
  }
  Tensor zeros(Shape shape, DType dtype = DType::kF32) {
    Tensor t = Tensor::host(shape, dtype);
    std::fill(t.bytes(), t.bytes() + t.size_bytes(), std::byte{0});
    return t;
  }
  std::string load_problem(const std::vector<NamedTensor>& tensors, const std::vector<std::string>& ignore = {}) {
    write_safetensors(folder_ / "model.safetensors", tensors);
    return error_of([&] { load_checkpoint(folder_, params_, kKeys, ignore); });
  }

  Linear linear_{"part.linear", 3, 2, true};
  LayerNorm norm_{"part.norm", 4, 1e-6f};
  ParamList params_;
  TempFolder folder_;
};

TEST_F(Checkpoint, OneMessageNamesEveryTrouble) {
  const std::string text = load_problem(
      {{"net.linear.weight", zeros({3, 2})}, {"v2.net.linear.bias", zeros({2})}, {"net.linear.bias", zeros({2})},
          {"net.norm.weight", zeros({4}, DType::kI64)}, {"net.other", zeros({1})}, {"stray", zeros({1})}});
  EXPECT_THAT(text, HasSubstr("1 missing"));
  EXPECT_THAT(text, HasSubstr("net.norm.bias"));
  EXPECT_THAT(text, HasSubstr("net.linear.weight in model.safetensors is [3, 2], the config wants [2, 3]"));
  EXPECT_THAT(text, HasSubstr("net.norm.weight in model.safetensors is I64"));
  EXPECT_THAT(text, HasSubstr("1 given twice"));
  EXPECT_THAT(text, HasSubstr("2 not part of this model"));
  EXPECT_THAT(text, HasSubstr("stray"));
}

TEST_F(Checkpoint, IgnoredTensorsAreNotUnusedOnes) {
  const std::vector<NamedTensor> tensors = {{"net.linear.weight", zeros({2, 3})}, {"net.linear.bias", zeros({2})},
      {"net.norm.weight", zeros({4})}, {"net.norm.bias", zeros({4})}, {"net.mask", zeros({9})}};
  EXPECT_THAT(load_problem(tensors), HasSubstr("net.mask"));
  EXPECT_EQ(load_problem(tensors, {"part.mask"}), "no error");
  EXPECT_EQ(linear_.weight.data().values()[0], 0.0f);
}

TEST_F(Checkpoint, AFailedLoadChangesNothing) {
  load_problem({{"net.linear.weight", zeros({2, 3})}});
  EXPECT_EQ(linear_.weight.data().values()[0], 1.0f);
}

TEST_F(Checkpoint, SavesAndLoadsEveryStorageTypeInOneFileAndInShards) {
  for (const DType dtype : {DType::kF32, DType::kF16, DType::kBF16})
    for (const uint64_t shard : {uint64_t{5'000'000'000}, uint64_t{20}}) {
      fs::remove_all(folder_);
      save_checkpoint(folder_, params_, kKeys, dtype, shard);
      EXPECT_EQ(fs::exists(folder_ / "model.safetensors.index.json"), shard == 20);
      Linear linear("part.linear", 3, 2, true);
      LayerNorm norm("part.norm", 4, 1e-6f);
      ParamList back;
      linear.params(back);
      norm.params(back);
      EXPECT_EQ(load_checkpoint(folder_, back, kKeys).params, 6 + 2 + 4 + 4);
      for (size_t i = 0; i < back.size(); ++i) {
        EXPECT_EQ(back[i]->storage(), dtype);
        const Tensor got = to_f32(back[i]->data());
        for (int64_t j = 0; j < got.shape().count();
            ++j)  // half a unit in the last place of bfloat16 near 1: 2^-9 (relative)
          EXPECT_NEAR(got.f32()[j], params_[i]->data().f32()[j],
              dtype == DType::kF32   ? 0.0
              : dtype == DType::kF16 ? 5e-4
                                     : 4e-3);
      }
    }
}

TEST_F(Checkpoint, WritesPublishedNames) {
  save_checkpoint(folder_, params_, kKeys);
  const WeightFiles files(folder_);
  std::vector<std::string> names;
  for (const auto& item : files.items()) names.push_back(item.entry->name);
  EXPECT_THAT(names, testing::ElementsAre("net.linear.bias", "net.linear.weight", "net.norm.bias", "net.norm.weight"));
  EXPECT_THROW(save_checkpoint(folder_, params_, {{"net.", "else."}}), Error);
  Linear empty("part.linear", 3, 2, true);
  ParamList list;
  empty.params(list);
  EXPECT_THROW(save_checkpoint(folder_, list, kKeys), Error);
}

}  // namespace
}  // namespace hilum
