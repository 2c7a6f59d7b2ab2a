// BERT, Swin and the vision transformer's further forms: against the reference at every tag, and what they refuse.
// 1e-4 relative L2 as in golden_test.cpp.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "models/dual_encoder_config.h"
#include "models/golden_test.h"
#include "models/language/bert.h"
#include "models/vision/swin.h"
#include "models/vision/vit_tower.h"
#include "ops/check/check_ops.h"

namespace hilum {
namespace {

using testing::HasSubstr;

constexpr double kTowerTolerance = 1e-4;

void expect_system(const std::string& name, size_t rows_wanted) {
  const LoadedDualEncoder loaded = load_dual_encoder(fixture(name));
  EXPECT_EQ(loaded.preset.name, name);
  const SafetensorsFile dump(fixture(name) / "reference.safetensors");
  for (const Backend& backend : cpu_backends()) {
    const auto rows = compare_to_dump(*backend.ops, *loaded.model, dump);
    EXPECT_EQ(rows.size(), rows_wanted) << name;
    expect_close(rows, kTowerTolerance, name + " " + backend.name);
  }
}

// embeddings, blocks, encoder_norm, pooled, features, embedding; of texts embeddings, three layers, pooled, features,
// embedding; the logits
TEST(GoldenTowers, BiomedClipFollowsTheReferenceAtEveryTag) {
  expect_system("biomedclip", (1 + 2 + 1 + 3) + (1 + 3 + 3) + 1);
}
TEST(GoldenTowers, MedClipFollowsTheReferenceAtEveryTag) {
  expect_system("medclip", (1 + 6 + 1 + 3) + (1 + 3 + 3) + 1);
}
TEST(GoldenTowers, RadDinoFollowsTheReferenceAtEveryTag) { expect_system("rad-dino", 1 + 2 + 1 + 3); }
TEST(GoldenTowers, CxrLlavasEncoderFollowsTheReferenceAtEveryTag) { expect_system("cxr-llava-encoder", 1 + 2 + 1 + 3); }

TEST(GoldenTowers, WhatPublishedFilesHoldBesidesIsLeftOutByName) {
  EXPECT_THAT(load_dual_encoder(fixture("biomedclip")).report.ignored,
      testing::ElementsAre("text.transformer.embeddings.position_ids"));
  // indices of the bias tables, position ids, the pooler
  EXPECT_EQ(load_dual_encoder(fixture("medclip")).report.ignored.size(), 6u + 1u + 2u);
  EXPECT_EQ(load_dual_encoder(fixture("cxr-llava-encoder")).report.ignored.size(), 5u);  // the parts that write reports
}

TEST(Bert, ATextsEmbeddingDoesNotDependOnItsNeighbours) {
  for (const char* name : {"biomedclip", "medclip"}) {
    const LoadedDualEncoder loaded = load_dual_encoder(fixture(name));
    const std::vector<std::vector<int32_t>> texts = {{7, 8, 9, 10, 11, 12}, {5}, {40, 41, 42}};
    const Tensor together = any_cpu().to_host(loaded.model->embed_text(any_cpu(), TextBatch::of(texts)));
    for (size_t i = 0; i < texts.size(); ++i) {
      const Tensor alone =
          any_cpu().to_host(loaded.model->embed_text(any_cpu(), TextBatch::of(std::span(&texts[i], 1))));
      EXPECT_LE(compare_values(name, together.rows(static_cast<int64_t>(i), 1), alone).rel_l2, 1e-6)
          << name << " text " << i;
    }
  }
}

TEST(Swin, AGreyPictureIsTakenForEveryChannel) {
  const LoadedDualEncoder loaded = load_dual_encoder(fixture("medclip"));
  const Tensor grey =
      to_f32(SafetensorsFile(fixture("medclip") / "reference.safetensors").tensor("pixel_values")).rows(0, 1);
  Tensor colour = Tensor::host({1, 3, 48, 48});
  for (int64_t c = 0; c < 3; ++c) std::copy(grey.f32(), grey.f32() + 48 * 48, colour.f32() + c * 48 * 48);
  const Tensor one = any_cpu().to_host(loaded.model->embed_image(any_cpu(), grey));
  const Tensor three = any_cpu().to_host(loaded.model->embed_image(any_cpu(), colour));
  EXPECT_EQ(compare_values("grey", one, three).rel_l2, 0);
}

// A 4 x 4 grid in windows of 2, shifted by 1. Drawn by hand from the paper's figure 4.
TEST(SwinWindows, ShiftedWindowsHoldTheTokensTheRollBringsThere) {
  const SwinWindows windows = swin_windows(4, 2, 1);
  EXPECT_EQ(windows.tokens, (std::vector<int32_t>{5, 6, 9, 10, 7, 4, 11, 8, 13, 14, 1, 2, 15, 12, 3, 0}));
  for (size_t i = 0; i < 16; ++i)
    EXPECT_EQ(windows.places[static_cast<size_t>(windows.tokens[i])], static_cast<int32_t>(i));
  ASSERT_EQ(windows.mask.size(), 4u * 16u);
  const std::vector<float> whole(16, 0.0f),
      quarters = {0, -100, -100, -100, -100, 0, -100, -100, -100, -100, 0, -100, -100, -100, -100, 0};
  const std::vector<float> columns = {0, -100, 0, -100, -100, 0, -100, 0, 0, -100, 0, -100, -100, 0, -100, 0};
  const auto of = [&](int w) {
    return std::vector<float>(windows.mask.begin() + 16 * w, windows.mask.begin() + 16 * (w + 1));
  };
  EXPECT_EQ(of(0), whole);
  EXPECT_EQ(of(1), columns);
  EXPECT_EQ(of(3), quarters);
  EXPECT_TRUE(swin_windows(4, 2, 0).mask.empty());
}

TEST(SwinWindows, BiasAndMergeTablesAreThePublishedOnes) {
  EXPECT_EQ(relative_position_index(2), (std::vector<int32_t>{4, 3, 1, 0, 5, 4, 2, 1, 7, 6, 4, 3, 8, 7, 5, 4}));
  const std::vector<int32_t> of_seven = relative_position_index(7);
  EXPECT_EQ(of_seven.size(), 49u * 49u);
  EXPECT_EQ(of_seven[0], 6 * 13 + 6);  // a token and itself
  EXPECT_EQ(of_seven[48], 0);          // the first and the last
  const std::vector<int32_t> merged = merge_order(4);
  EXPECT_EQ(std::vector<int32_t>(merged.begin(), merged.begin() + 8), (std::vector<int32_t>{0, 4, 1, 5, 2, 6, 3, 7}));
}

TEST(Towers, SizesThatDoNotFitAreRefusedByName) {
  const auto image = [](const char* kind, const char* config, const char* pooling) {
    return error_of([&] {
      make_image_tower(
          kind, {.config = parse_json(config, "test"), .pooling = pooling, .prefix = "image.", .where = "test"});
    });
  };
  EXPECT_EQ(image("swin", R"({"image_size":48,"window_size":3,"depths":[1],"num_heads":[3]})", "mean"), "no error");
  EXPECT_THAT(image("swin", R"({"image_size":250})", "mean"), HasSubstr("250"));
  EXPECT_THAT(image("swin", R"({"image_size":256})", "mean"),
      testing::AllOf(HasSubstr("windows of 7"), HasSubstr("not known here")));
  EXPECT_THAT(
      image("swin", R"({"image_size":16384,"patch_size":1,"window_size":64})", "mean"), HasSubstr("more pairs"));
  EXPECT_THAT(image("swin", R"({"depths":[1,1]})", "mean"), HasSubstr("num_heads 4"));
  EXPECT_THAT(image("swin", R"({"num_heads":[5,6,12,24]})", "mean"), HasSubstr("5 heads"));
  EXPECT_THAT(image("swin", R"({"depths":[0,2,6,2]})", "mean"), HasSubstr("0 blocks"));
  EXPECT_THAT(image("swin", R"({"use_absolute_embeddings":true})", "mean"), HasSubstr("use_absolute_embeddings"));
  EXPECT_THAT(image("swin", "{}", "class"), HasSubstr("\"mean\""));
  EXPECT_THAT(image("timm_vit", R"({"timm_model_name":"vit_giant"})", "class"), HasSubstr("vit_giant"));
  EXPECT_THAT(image("timm_vit", R"({"num_heads":7})", "class"), HasSubstr("7 heads"));
  EXPECT_THAT(image("open_clip_vit", R"({"width":100})", "class"), HasSubstr("heads of 64"));
  EXPECT_THAT(image("dinov2", R"({"use_swiglu_ffn":true})", "class"), HasSubstr("swiglu"));
  EXPECT_THAT(image("dinov2", "{}", "max"), HasSubstr("\"class\""));

  const auto text = [](const char* config, const char* pooling) {
    return error_of([&] {
      make_text_tower(
          "bert", {.config = parse_json(config, "test"), .pooling = pooling, .prefix = "text.", .where = "test"});
    });
  };
  EXPECT_EQ(text(R"({"num_hidden_layers":2,"pool_layers":[0,-1]})", "mean"), "no error");
  EXPECT_THAT(text(R"({"num_hidden_layers":2,"pool_layers":[3]})", "mean"), HasSubstr("names 3"));
  EXPECT_THAT(text(R"({"num_attention_heads":5})", "class"), HasSubstr("5 heads"));
  EXPECT_THAT(text(R"({"vocab_size":0})", "class"), HasSubstr("no words"));
  EXPECT_THAT(text(R"({"position_embedding_type":"relative_key"})", "class"), HasSubstr("relative_key"));
  EXPECT_THAT(text("{}", "end"), HasSubstr("\"mean\""));
}

TEST(Towers, InputsThatDoNotFitAreRefused) {
  CheckOps ops;
  const Bert bert(
      BertConfig{.vocab = 50, .width = 8, .depth = 1, .num_heads = 2, .mlp_width = 8, .positions = 4}, "text.");
  const auto read = [&](std::vector<int32_t> ids) {
    return error_of(
        [&] { bert.hidden_states(ops, TextBatch::of(std::vector<std::vector<int32_t>>{{1}, std::move(ids)})); });
  };
  EXPECT_EQ(read({1, 2, 3, 49}), "no error");
  EXPECT_THAT(read({1, 50}), testing::AllOf(HasSubstr("token id 50 at place 1 of text 1"), HasSubstr("50")));
  EXPECT_THAT(read({-1}), HasSubstr("-1"));
  EXPECT_THAT(read({1, 1, 1, 1, 1}), HasSubstr("longer than the model's 4"));
  const Swin swin(SwinConfig{}, "image.");
  const auto see = [&](int64_t channels, int64_t side) {
    return error_of(
        [&] { swin.forward(ops, ops.from_host(Tensor(Shape{1, channels, side, side}, DType::kF32, nullptr))); });
  };
  EXPECT_EQ(see(3, 224), "no error");
  EXPECT_EQ(see(1, 224), "no error");
  EXPECT_THAT(see(2, 224), HasSubstr("[1, 2, 224, 224]"));
  EXPECT_THAT(see(3, 256), HasSubstr("[1, 3, 256, 256]"));
}

TEST(Presets, AStarOfTheIgnoreListIsAnyText) {
  const std::vector<std::string> ignore = {"image.layers.*.index", "report.*", "text.ids"};
  EXPECT_TRUE(is_ignored(ignore, "image.layers.0.blocks.3.index"));
  EXPECT_TRUE(is_ignored(ignore, "report.lm_head.weight"));
  EXPECT_TRUE(is_ignored(ignore, "text.ids"));
  EXPECT_FALSE(is_ignored(ignore, "image.layers.index"));  // the two ends may not overlap
  EXPECT_FALSE(is_ignored(ignore, "image.layers.0.indices"));
  EXPECT_FALSE(is_ignored(ignore, "text.ids2"));
  EXPECT_FALSE(is_ignored(ignore, ""));
}

}  // namespace
}  // namespace hilum
