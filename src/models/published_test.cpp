// The published sizes, from the configs alone: no weights, shapes only.
#include <gtest/gtest.h>

#include "base/error.h"
#include "models/vlm.h"
#include "ops/check/check_ops.h"

namespace hilum {
namespace {

int64_t count(const ParamList& list, const std::string& prefix) {
  int64_t total = 0;
  for (const Param* p : list)
    if (p->name().starts_with(prefix)) total += p->shape().count();
  return total;
}

// Grounded-reporting sheet, sections 1.1 and 2.
TEST(PublishedMaira2, DeclaresEveryTensorOfTheFile) {
  Vlm model{VlmConfig{}};
  ParamList list;
  model.params(list);
  int64_t spare = 0;
  for (const SpareTensor& tensor : model.spare_tensors()) spare += tensor.shape.count();  // the mask token
  EXPECT_EQ(list.size() + model.spare_tensors().size(), 522u);
  EXPECT_EQ(count(list, "encoder.") + spare, 86'580'480);
  EXPECT_EQ(count(list, "projector."), 53'493'760);
  EXPECT_EQ(count(list, "language."), 6'740'111'360);
  EXPECT_EQ(4 * (count(list, "") + spare), 27'520'742'400);  // metadata.total_size
}

TEST(PublishedMaira2, RunsThreeImagesAndAPromptThroughEveryShape) {
  const Vlm model{VlmConfig{}};
  std::vector<int32_t> ids(4213 - 3 * 1369, 1);
  ids.insert(ids.begin() + 40, 3 * 1369, model.config().image_token);
  CheckOps ops;
  VlmBatch batch = VlmBatch::single(ids, ops.from_host(Tensor(Shape{3, 3, 518, 518}, DType::kF32, nullptr)));
  batch.logit_rows = {4212};
  EXPECT_EQ(model.logits(ops, batch).shape(), Shape({1, 32207}));
  EXPECT_EQ(ops.counts().param_tensors, 521);                // all of them but the mask token
  EXPECT_EQ(ops.counts().params, 6'880'185'600 - 768);
  // About 0.31 + 0.15 TFLOP an image and 13 GFLOP a token plus attention (sheet): 3 x 0.46 + 54.5 + 4.65
  EXPECT_NEAR(static_cast<double>(ops.counts().flops), 60.6e12, 1.5e12);
}

TEST(Vlm, ImageTokensAndPatchesMustAgree) {
  VlmConfig config;
  config.encoder.depth = config.encoder.feature_layer = 1;
  config.language.depth = 1;
  const Vlm model(config);
  CheckOps ops;
  const Tensor projected = ops.from_host(Tensor(Shape{1, 4, 4096}, DType::kF32, nullptr));
  EXPECT_NO_THROW(model.embed(ops, {1, 32204, 32204, 32204, 32204}, projected));
  try {
    model.embed(ops, {1, 32204, 32204, 32204}, projected);
    FAIL() << "three tokens for four patches";
  } catch (const Error& e) {
    EXPECT_NE(e.problem().find("3 image tokens"), std::string::npos) << e.what();
    EXPECT_NE(e.problem().find("4 patches"), std::string::npos) << e.what();
  }
  EXPECT_THROW(model.embed(ops, {32204}, Tensor()), Error);
  EXPECT_THROW(model.embed(ops, {32207}, Tensor()), Error);  // outside the vocabulary
}

TEST(Vit, APictureOfAnotherSizeIsRefused) {
  const Vit vit(VitConfig{}, "encoder.");
  CheckOps ops;
  EXPECT_THROW(vit.forward(ops, ops.from_host(Tensor(Shape{1, 3, 224, 224}, DType::kF32, nullptr))), Error);
  EXPECT_THROW(vit.forward(ops, ops.from_host(Tensor(Shape{1, 1, 518, 518}, DType::kF32, nullptr))), Error);
}

}  // namespace
}  // namespace hilum
