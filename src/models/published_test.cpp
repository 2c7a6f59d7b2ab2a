// The published sizes, from the configs alone: no weights, shapes only.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "base/file.h"
#include "base/temp_folder_for_test.h"
#include "models/info.h"
#include "ops/check/check_ops.h"
#include "tensor/safetensors_index.h"

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
  for (const UnusedTensor& tensor : model.unused_tensors()) spare += tensor.shape.count();  // the mask token
  EXPECT_EQ(list.size() + model.unused_tensors().size(), 522u);
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
  EXPECT_EQ(ops.counts().param_tensors, 521);  // all of them but the mask token
  EXPECT_EQ(ops.counts().params, 6'880'185'600 - 768);
  // About 0.31 + 0.15 TFLOP an image and 13 GFLOP a token plus attention (sheet): 3 x 0.46 + 54.5 + 4.65
  EXPECT_NEAR(static_cast<double>(ops.counts().flops), 60.6e12, 1.5e12);
}

// A config.json with what the sheet gives; defaults of the reference classes are left out, as transformers does.
const char kPublishedConfig[] = R"({
  "architectures": ["Maira2ForConditionalGeneration"], "model_type": "maira2", "image_token_index": 32204,
  "projector_hidden_act": "gelu", "projector_n_layers": 4, "vision_feature_layer": -1, "vision_feature_select_strategy": "default",
  "text_config": {"model_type": "llama", "vocab_size": 32207, "max_position_embeddings": 4096, "rms_norm_eps": 1e-05,
                  "rope_scaling": {"factor": 1.5, "type": "linear"}},
  "vision_config": {"model_type": "dinov2", "image_size": 518, "out_features": ["stage12"], "out_indices": [12], "apply_layernorm": true,
                    "reshape_hidden_states": false}})";

TEST(PublishedMaira2, AConfigAloneGivesItsInfo) {
  const TempFolder folder;
  write_file(folder / "config.json", kPublishedConfig);
  const ModelInfo info = model_info(folder);
  EXPECT_EQ(info.preset.name, "maira-2");
  EXPECT_EQ(info.vlm->language.context, 6144);
  EXPECT_EQ(info.vlm->language.rope_factor, 1.5f);
  EXPECT_FALSE(info.has_weights);
  EXPECT_EQ(info.total.tensors, 522u);
  EXPECT_EQ(info.total.params, 6'880'185'600);
  EXPECT_EQ(info.total.bytes.at("F32"), 27'520'742'400u);
  ASSERT_EQ(info.parts.size(), 3u);
  EXPECT_EQ(info.parts[0].tensors, 223u);
  EXPECT_EQ(info.parts[1].tensors, 8u);
  EXPECT_EQ(info.parts[2].tensors, 291u);
  EXPECT_EQ(info.cache_bytes_token, 1 << 20);
  EXPECT_NE(info_text(info).find("6880185600"), std::string::npos);
}

// Grounded-reporting sheet, section 2: the sizes of the six files and of the index, to the byte.
TEST(PublishedMaira2, ShardsComeOutAtThePublishedSizes) {
  Vlm model{VlmConfig{}};
  ParamList params;
  model.params(params);
  const Preset preset = preset_for("/nowhere", parse_json(R"({"model_type":"maira2"})", "test"));
  std::vector<SafetensorsEntry> entries;
  for (const UnusedTensor& tensor : model.unused_tensors())
    entries.push_back({published_name(preset.keys, tensor.name), DType::kF32, tensor.shape});
  for (const Param* p : params) entries.push_back({published_name(preset.keys, p->name()), DType::kF32, p->shape()});
  ShardPlan plan = plan_shards(entries);
  std::vector<uint64_t> sizes;
  for (ShardPlan::Shard& shard : plan.shards) {
    const size_t header = safetensors_header_bytes(shard.entries, {{"format", "pt"}}).size();
    sizes.push_back(header + shard.entries.back().end);
  }
  EXPECT_EQ(sizes, (std::vector<uint64_t>{
                       4'955'289'768, 4'857'207'664, 4'857'207'704, 4'857'207'704, 4'857'207'704, 3'136'688'192}));
  EXPECT_EQ(plan.shards[0].entries.size(), 274u);
  EXPECT_EQ(plan.shards[5].entries.size(), 32u);
  EXPECT_EQ(plan.total_bytes, 27'520'742'400u);
  EXPECT_EQ(plan.index_json().size(), 49'835u);
}

// MedImageInsight sheet, section 3.1: the preset alone holds the published sizes.
class PublishedMedImageInsight : public testing::Test {
 protected:
  void SetUp() override { write_file(folder_ / "hilum.toml", "preset = \"medimageinsight\"\n"); }
  TempFolder folder_;
};

TEST_F(PublishedMedImageInsight, ThePresetAloneGivesItsInfo) {
  const ModelInfo info = model_info(folder_);
  EXPECT_FALSE(info.has_weights);
  EXPECT_EQ(info.total.tensors, 601u);
  EXPECT_EQ(info.total.params, 615'996'417);
  EXPECT_EQ(info.total.bytes.at("F32"), 4u * 615'996'417u);
  const auto part = [&](const std::string& name) {
    for (const PartInfo& one : info.parts)
      if (one.name == name) return std::pair(one.tensors, one.params);
    return std::pair<size_t, int64_t>(0, 0);
  };
  EXPECT_EQ(part("image"), std::pair(size_t{402}, int64_t{360'636'416}));
  EXPECT_EQ(part("text"), std::pair(size_t{196}, int64_t{252'214'272}));
  EXPECT_EQ(part("image_projection").second, 2048 * 1024);
  EXPECT_EQ(part("text_projection").second, 1024 * 1024);
  EXPECT_EQ(part("logit_scale"), std::pair(size_t{1}, int64_t{1}));
  // Section 1.1 counts 313 G multiply-adds with the filled-up places of windows projected too; here they are not: 4 D²
  // of 12 D² a token of the spatial blocks at 396 and 351 places past the grids of 30 x 30 (nine blocks) and 15 x 15
  // (one).
  const double saved = 4.0 * 1024 * 1024 * 396 * 9 + 4.0 * 2048 * 2048 * 351;
  EXPECT_NEAR(static_cast<double>(info.flops_image) / 2, 313e9 - saved, 2e9);
  EXPECT_NEAR(static_cast<double>(info.flops_token) / 2 * 77, 15.7e9, 0.2e9);
  EXPECT_NE(info_text(info).find("615996417"), std::string::npos);
  EXPECT_EQ(info_json(info)["embedding_width"], 1024);
}

TEST_F(PublishedMedImageInsight, TheFileComesOutAtThePublishedSizeToTheByte) {
  const DualEncoderDirectory directory = read_dual_encoder_directory(folder_);
  ParamList params;
  directory.model->params(params);
  std::vector<SafetensorsEntry> entries;
  for (const Param* p : params)
    entries.push_back({published_name(directory.preset.keys, p->name()), DType::kF32, p->shape()});
  const std::string header = safetensors_header_bytes(entries, {});
  EXPECT_EQ(header.size(), 8u + 75'024u);
  EXPECT_EQ(header.size() + entries.back().end, 2'464'060'700u);
}

TEST(Vlm, ImageTokensAndPatchesMustAgree) {
  VlmConfig config;
  config.vision.vit.depth = config.vision.vit.feature_layer = 1;
  config.language.depth = 1;
  const Vlm model(config);
  CheckOps ops;
  const Tensor projected = ops.from_host(Tensor(Shape{1, 4, 4096}, DType::kF32, nullptr));
  EXPECT_NO_THROW(model.embed(ops, {1, 32204, 32204, 32204, 32204}, projected));
  const Error e = expect_error([&] { model.embed(ops, {1, 32204, 32204, 32204}, projected); });
  EXPECT_NE(e.problem().find("3 image tokens"), std::string::npos) << e.what();
  EXPECT_NE(e.problem().find("4 rows"), std::string::npos) << e.what();
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
