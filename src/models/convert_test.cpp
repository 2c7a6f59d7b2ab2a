#include "models/files/convert.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <map>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "base/file.h"
#include "base/temp_folder_for_test.h"
#include "models/vlm_config.h"
#include "tensor/safetensors_index.h"

namespace hilum {
namespace {

using testing::HasSubstr;

class Convert : public testing::Test {
 protected:
  std::string problem(const fs::path& source, const fs::path& out, DType type = DType::kF16) {
    return error_of([&] {
      convert_checkpoint(source, out, {.type = type});
      return "done";
    });
  }
  static std::map<std::string, Tensor> tensors(const fs::path& path) {
    const WeightFiles files(path);
    std::map<std::string, Tensor> all;
    for (const auto& item : files.items()) all[item.entry->name] = item.file->tensor(*item.entry);
    return all;
  }
  static bool same(const Tensor& a, const Tensor& b) {
    return a.dtype() == b.dtype() && a.shape() == b.shape() && std::memcmp(a.bytes(), b.bytes(), a.size_bytes()) == 0;
  }
  TempFolder folder_;
  fs::path torch_ = fs::path(HILUM_TESTDATA) / "torch";
};

TEST_F(Convert, EveryTypeHoldsWhatPyTorchWroteRoundedOnce) {
  const auto expected = tensors(torch_ / "flat.expected.safetensors");
  for (const char* file : {"flat.zip.pt", "flat.legacy.pth"})
    for (const DType type : {DType::kF32, DType::kF16, DType::kBF16}) {
      const fs::path out = folder_ / (std::string(file) + std::string(dtype_name(type)));
      uint64_t last = 0, all = 0;
      const auto note = [&](uint64_t done, uint64_t total) {
        last = done;
        all = total;
      };
      const ConvertResult result = convert_checkpoint(torch_ / file, out, {.type = type, .progress = note});
      EXPECT_EQ(result.tensors, expected.size());
      EXPECT_EQ(result.kept, 6u);
      EXPECT_EQ(last, result.bytes);
      EXPECT_EQ(all, result.bytes);
      const auto written = tensors(out);
      ASSERT_EQ(written.size(), expected.size());
      for (const auto& [name, want] : expected) {
        const bool whole = name == "position_ids" || name == "int32" || name == "int16" || name == "int8" ||
                           name == "bytes" || name == "mask";
        EXPECT_TRUE(same(written.at(name), whole || want.dtype() == type ? want : to_dtype(want, type))) << name;
      }
    }
}

TEST_F(Convert, ShardsWhatIsTooLargeForOneFile) {
  const ConvertResult result =
      convert_checkpoint(torch_ / "flat.zip.pt", folder_ / "out", {.type = DType::kF32, .max_shard_bytes = 600});
  EXPECT_GT(result.shards, 2u);
  EXPECT_TRUE(fs::exists(folder_ / "out" / "model.safetensors.index.json"));
  EXPECT_FALSE(fs::exists(folder_ / "out" / "model.safetensors"));
  EXPECT_EQ(tensors(folder_ / "out").size(), result.tensors);
}

TEST_F(Convert, AConvertedModelDirectoryLoads) {
  const fs::path source = fs::path(HILUM_TESTDATA) / "models" / "maira2";  // F32, three shards
  const ConvertResult result = convert_checkpoint(source, folder_ / "same", {.type = DType::kF32});
  EXPECT_THAT(result.copied, testing::Contains("config.json"));
  EXPECT_THAT(result.copied, testing::Not(testing::Contains(HasSubstr("index.json"))));
  const auto before = tensors(source), after = tensors(folder_ / "same");
  ASSERT_EQ(before.size(), after.size());
  for (const auto& [name, want] : before) EXPECT_TRUE(same(after.at(name), want)) << name;
  EXPECT_EQ(load_vlm(folder_ / "same").report.params, load_vlm(source).report.params);
  convert_checkpoint(source, folder_ / "half", {.type = DType::kBF16});
  EXPECT_EQ(load_vlm(folder_ / "half").report.bytes * 2, load_vlm(source).report.bytes);
}

TEST_F(Convert, NothingIsOverwritten) {
  write_file(folder_ / "full" / "mine.txt", "x");
  EXPECT_THAT(problem(torch_ / "flat.zip.pt", folder_ / "full"), HasSubstr("is not overwritten"));
  write_file(folder_ / "file", "x");
  EXPECT_THAT(problem(torch_ / "flat.zip.pt", folder_ / "file"), HasSubstr("is not overwritten"));
  fs::create_directories(folder_ / "new.part");
  EXPECT_THAT(problem(torch_ / "flat.zip.pt", folder_ / "new"), HasSubstr("in the way"));
  EXPECT_TRUE(fs::exists(folder_ / "new.part"));
  fs::create_directories(folder_ / "empty");
  EXPECT_EQ(problem(torch_ / "flat.zip.pt", folder_ / "empty" / ""), "done");
  EXPECT_TRUE(fs::exists(folder_ / "empty" / "model.safetensors"));
}

TEST_F(Convert, ValuesThatF16CannotHoldAreRefusedAndNothingIsLeft) {
  const float values[] = {1, -7e5f};
  const NamedTensor large[] = {{"big", Tensor::host({2}, values)}};
  write_safetensors(folder_ / "in" / "model.safetensors", large);
  EXPECT_THAT(problem(folder_ / "in", folder_ / "out"),
      testing::AllOf(HasSubstr("\"big\""), HasSubstr("-700000"), HasSubstr("bf16")));
  EXPECT_FALSE(fs::exists(folder_ / "out"));
  EXPECT_FALSE(fs::exists(folder_ / "out.part"));
  EXPECT_EQ(problem(folder_ / "in", folder_ / "out", DType::kBF16), "done");
}

TEST_F(Convert, TypesWithoutSuchAFormAreNamed) {
  EXPECT_THAT(problem(torch_ / "newer.zip.pt", folder_ / "out"),
      testing::AllOf(HasSubstr("tensor \"f8\""), HasSubstr("F8_E4M3")));
}

TEST_F(Convert, CopiesWhatDescribesTheModelAndNothingElse) {
  fs::create_directories(folder_ / "in" / "tok" / ".git");
  fs::copy_file(torch_ / "flat.zip.pt", folder_ / "in" / "pytorch_model.bin");
  for (const char* name :
      {"config.json", "tok/vocab.txt", "tok/merges.txt", "modeling.py", "optimizer.json.bak", "trainer_state.json",
          "pytorch_model.bin.index.json.txt", ".hidden.json", "tok/.git/config.json", "tokenizer.model"})
    write_file(folder_ / "in" / name, "{}");
  EXPECT_THAT(convert_checkpoint(folder_ / "in", folder_ / "in" / "out", {}).copied,
      testing::ElementsAre("config.json", "tok/merges.txt", "tok/vocab.txt", "tokenizer.model"));
  // a single file: its folder's own files, since a config says that it is a model's
  EXPECT_THAT(convert_checkpoint(folder_ / "in" / "pytorch_model.bin", folder_ / "alone", {}).copied,
      testing::ElementsAre("config.json", "tokenizer.model"));
  fs::remove(folder_ / "in" / "config.json");
  EXPECT_TRUE(convert_checkpoint(folder_ / "in" / "pytorch_model.bin", folder_ / "bare", {}).copied.empty());
}

}  // namespace
}  // namespace hilum
