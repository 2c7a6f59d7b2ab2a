// Random models: written from a shape, read back as the system they stand for.
#include "engine/random_model.h"

#include <cmath>

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "engine/embed/embedder.h"
#include "engine/random_weights.h"
#include "engine/tiny_demo_for_test.h"
#include "models/info.h"

namespace hilum {
namespace {

const char kMaira[] = R"(
preset = "maira-2"
[config]
image_token_index = 604
projector_n_layers = 2
[config.text_config]
vocab_size = 607
hidden_size = 32
intermediate_size = 48
num_hidden_layers = 1
num_attention_heads = 2
[config.vision_config]
model_type = "dinov2"
image_size = 28
patch_size = 14
hidden_size = 24
num_hidden_layers = 1
num_attention_heads = 2
out_features = ["stage1"]
reshape_hidden_states = false
[preprocessor]
size = { shortest_edge = 28 }
crop_size = { height = 28, width = 28 }
resample = 3
rescale_factor = 0.00392156862745098
image_mean = [0.5307, 0.5307, 0.5307]
image_std = [0.2583, 0.2583, 0.2583]
[tokenizer]
pieces = 400
added = [["<obj>"], ["</obj>"], ["<x{}>", 100], ["<y{}>", 100], ["<box>"], ["</box>"], ["<image>"]]
)";

ModelShape tiny_llava() { return shape_named(HILUM_TESTDATA "/shapes/tiny-llava.toml"); }

TEST(RandomModel, ReadsBackAsTheSystemItStandsFor) {
  for (const DType type : {DType::kF16, DType::kBF16, DType::kF32}) {
    const TempFolder folder;
    const RandomModelSize size = write_random_model(folder.path / "m", tiny_llava(), type);
    const ModelInfo info = model_info(folder.path / "m");
    EXPECT_EQ(info.preset.name, "cxr-llava");
    EXPECT_EQ(info.total.params, size.params);
    EXPECT_EQ(info.total.bytes, (std::map<std::string, uint64_t>{{std::string(dtype_name(type)), size.bytes}}));
    const auto model = Model::load(folder.path / "m", {.threads = 1});
    EXPECT_EQ(model->tokenizer().vocab_size(), 600);
    EXPECT_EQ(model->weight_bytes() + (4096 / 32 * 32 * static_cast<uint64_t>(dtype_bits(type)) / 8),
        size.bytes);  // all but the contrastive head [32, 128]
    EXPECT_GT(model->load_ms(), 0);
  }
}

TEST(RandomModel, TokensStandWhereTheConfigSays) {
  const TempFolder folder;
  write_random_model(folder.path / "m", parse_shape(kMaira, "tiny", "tiny.toml"), DType::kF16);
  const auto model = Model::load(folder.path / "m", {.threads = 1});  // compares the image token's id with the config's
  EXPECT_EQ(model->token_id("<image>"), 604);
  EXPECT_EQ(model->token_id("<y0>"), 502);
  EXPECT_EQ(model->preprocessing().mean[0], 0.5307);
}

TEST(RandomModel, AnEmbeddingSystemIsWrittenToo) {
  const TempFolder folder;
  const RandomModelSize size = write_random_model(folder.path / "m", shape_named("rad-dino"), DType::kF16);
  EXPECT_EQ(size.params, 86'580'480);  // rad-dino as published, its mask token included
  EXPECT_EQ(load_embedder(folder.path / "m", {.threads = 1})->info().width, 768);
}

std::string problem(const fs::path& folder, const ModelShape& shape) {
  return error_of([&] { write_random_model(folder, shape, DType::kF16); });
}

TEST(RandomModel, NeverWritesIntoAFolderThatHoldsFiles) {
  const TempFolder folder;
  write_file(folder.path / "precious.txt", "x");
  EXPECT_NE(problem(folder.path, tiny_llava()).find("holds files already"), std::string::npos);
  EXPECT_NE(problem(folder.path / "precious.txt", tiny_llava()).find("holds files already"), std::string::npos);
  EXPECT_FALSE(fs::exists(folder.path / "config.json"));
}

TEST(RandomModel, SaysWhatADiskWithoutRoomLacksBeforeItWrites) {
  const TempFolder folder;
  const ModelShape huge = parse_shape(
      "preset = \"cxr-llava\"\n[config.llama]\nhidden_size = 65536\nintermediate_size = 262144\nnum_hidden_layers = "
      "1000\nnum_attention_heads = 512\n",
      "huge", "x");
  const std::string why = problem(
      folder.path / "deep" / "m", huge);  // 1000 layers of 4 x 65536^2 + 3 x 65536 x 262144 weights in 16 bit: 137 TB
  EXPECT_NE(why.find("needs 137"), std::string::npos) << why;
  EXPECT_NE(why.find("are free"), std::string::npos) << why;
  EXPECT_FALSE(fs::exists(folder.path / "deep"));
}

TEST(RandomWeights, AreOrdinaryNumbersFromOnePool) {
  Param a("a.weight", {300, 200}), b("b.weight", {300, 200}), norm("norm.weight", {200}), bias("norm.bias", {200});
  fill_random({&a, &b, &norm, &bias}, 1, DType::kBF16);
  EXPECT_EQ(a.storage(), DType::kBF16);
  EXPECT_EQ(a.data().storage(), b.data().storage());
  const Tensor values = to_f32(a.data());
  double sum = 0, squares = 0;
  for (const float value : values.values()) {
    sum += value;
    squares += double{value} * value;
  }
  EXPECT_NEAR(sum / 60000, 0, 0.001);
  EXPECT_NEAR(std::sqrt(squares / 60000), 0.02, 0.001);
  const Tensor scale = to_f32(norm.data());
  for (const float value : scale.values()) EXPECT_EQ(value, 1.0f);
  EXPECT_NE(to_f32(bias.data()).values()[0], 1.0f);
}

TEST(RandomWeights, TheSameSeedGivesTheSameValues) {
  Param a("a.weight", {40, 30}), b("a.weight", {40, 30}), other("a.weight", {40, 30});
  fill_random({&a}, 1, DType::kF32);
  fill_random({&b}, 1, DType::kF32);
  fill_random({&other}, 2, DType::kF32);
  EXPECT_TRUE(std::ranges::equal(a.data().values(), b.data().values()));
  EXPECT_FALSE(std::ranges::equal(a.data().values(), other.data().values()));
}

}  // namespace
}  // namespace hilum
