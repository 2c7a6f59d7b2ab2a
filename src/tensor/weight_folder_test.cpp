#include "tensor/weight_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "base/file.h"
#include "base/temp_folder_for_test.h"
#include "tensor/safetensors_index.h"

namespace hilum {
namespace {

using testing::HasSubstr;

class WeightFolder : public testing::Test {
 protected:
  void put(const char* fixture, const fs::path& name) {
    fs::create_directories((folder_ / name).parent_path());
    fs::copy_file(fs::path(HILUM_TESTDATA) / "torch" / fixture, folder_ / name);
  }
  std::string found(const fs::path& below = "") {
    return error_of([&] {
      EXPECT_TRUE(!fs::is_directory(folder_ / below) || holds_weight_files(folder_ / below));
      return find_weights(folder_ / below).lexically_relative(folder_).string();
    });
  }
  TempFolder folder_;
};

TEST_F(WeightFolder, KnownNamesComeInTheReferenceLoadersOrder) {
  put("flat.zip.pt", "other.pt");
  EXPECT_EQ(found(), "other.pt");
  for (const char* name : {"weights.th", "open_clip_pytorch_model.bin", "pytorch_model.bin"}) {
    put("flat.legacy.pth", name);
    EXPECT_EQ(found(), name);
    EXPECT_EQ(WeightFiles(folder_).items().size(), 19u);
  }
  for (const char* name : {"open_clip_model.safetensors", "model.safetensors"}) {
    put("nested.expected.safetensors", name);
    EXPECT_EQ(found(), name);
    EXPECT_EQ(WeightFiles(folder_).items().size(), 5u);
  }
}

TEST_F(WeightFolder, ContentCountsAndNotTheName) {
  put("nested.expected.safetensors", "vision_model/medimageinsigt-v1.0.0.pt");
  write_file(folder_ / "vision_model" / "notes.pt", "no weights");
  put("flat.zip.pt", "vision_model/optimizer.pt");
  EXPECT_EQ(found(), "vision_model/medimageinsigt-v1.0.0.pt");
  EXPECT_EQ(WeightFiles(folder_).items().size(), 5u);
  EXPECT_EQ(model_folder(folder_), folder_);
}

TEST_F(WeightFolder, ShardsOfPyTorchFilesAreJoinedByTheirIndex) {
  put("flat.legacy.pth", "pytorch_model-00001-of-00002.bin");
  put("nested.zip.pt", "pytorch_model-00002-of-00002.bin");
  EXPECT_THAT(WeightFolder::found(), HasSubstr("holds 2 weight files"));
  write_file(folder_ / "pytorch_model.bin.index.json",
      R"({"metadata":{},"weight_map":{"turned":"pytorch_model-00001-of-00002.bin","scale":"pytorch_model-00002-of-00002.bin"}})");
  EXPECT_EQ(WeightFiles(folder_).items().size(), 24u);
  write_file(
      folder_ / "pytorch_model.bin.index.json", R"({"weight_map":{"turned":"pytorch_model-00002-of-00002.bin"}})");
  EXPECT_THROW(WeightFiles{folder_}, Error);
}

TEST_F(WeightFolder, APackageLeadsToTheFolderOfItsModel) {
  const fs::path package = folder_ / "package";
  put("nested.expected.safetensors", "package/artifacts/checkpoints/vision_model/medimageinsigt-v1.0.0.pt");
  EXPECT_FALSE(holds_weight_files(package)) << "without MLmodel it is any folder";
  write_file(package / "MLmodel", "flavors: {}\n");
  EXPECT_EQ(found("package"), "package/artifacts/checkpoints/vision_model/medimageinsigt-v1.0.0.pt");
  EXPECT_EQ(model_folder(package), package / "artifacts" / "checkpoints" / "vision_model");
  write_file(package / "artifacts" / "checkpoints" / "config.yaml", "x: 1\n");
  write_file(package / "config.json", "{}");
  EXPECT_EQ(model_folder(package), package / "artifacts" / "checkpoints") << "the nearest config";
  EXPECT_EQ(model_folder(package / ""), package / "artifacts" / "checkpoints");
  EXPECT_EQ(WeightFiles(package).items().size(), 5u);
}

TEST_F(WeightFolder, APackageOfSeveralModelsWantsOneNamed) {
  write_file(folder_ / "MLmodel", "");
  put("flat.zip.pt", "data/deep/model/pytorch_model.bin");
  EXPECT_EQ(found(), "data/deep/model/pytorch_model.bin");
  put("flat.zip.pt", "data/one/pytorch_model.bin");
  EXPECT_EQ(found(), "data/one/pytorch_model.bin") << "nearest to the top";
  put("flat.zip.pt", "data/two/pytorch_model.bin");
  EXPECT_THAT(found(),
      testing::AllOf(HasSubstr("data/one/pytorch_model.bin, data/two/pytorch_model.bin"), HasSubstr("Name one")));
}

TEST_F(WeightFolder, APackageDoesNotLeadOutOfItself) {
  put("flat.zip.pt", "outside/pytorch_model.bin");
  write_file(folder_ / "package" / "MLmodel", "");
  fs::create_directory_symlink(folder_ / "outside", folder_ / "package" / "data");
  fs::create_directory_symlink(folder_ / "package", folder_ / "package" / "round");
  EXPECT_FALSE(holds_weight_files(folder_ / "package"));
}

TEST_F(WeightFolder, OtherFilesAreNoWeights) {
  write_file(folder_ / "config.json", "{}");
  EXPECT_FALSE(holds_weight_files(folder_));
  EXPECT_FALSE(holds_weight_files(folder_ / "config.json"));
  EXPECT_FALSE(holds_weight_files(folder_ / "none"));
  EXPECT_THROW(find_weights(folder_), Error);
  EXPECT_THROW(WeightFiles{folder_ / "config.json"}, Error);
  EXPECT_THROW(WeightFiles{folder_ / "none"}, Error);
}

}  // namespace
}  // namespace hilum
