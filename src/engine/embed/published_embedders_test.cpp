// The embedding systems from their files as published: pictures prepared as the reference prepares them, texts through
// their own tokenizer, both towers with the golden weights of testdata/models.
#include <cmath>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "base/file.h"
#include "engine/embed/fake_embedder_for_test.h"
#include "engine/embed/label_head.h"
#include "engine/preprocessor_config.h"
#include "engine/tiny_demo_for_test.h"
#include "image/encode.h"
#include "models/dual_encoder_config.h"
#include "models/vlm_config.h"

namespace hilum {
namespace {

using AnyJson = nlohmann::json;

Image pattern(int64_t width, int64_t height, int64_t channels) {
  Image image{.width = static_cast<int>(width),
      .height = static_cast<int>(height),
      .channels = static_cast<int>(channels),
      .bits = 8};
  for (int64_t y = 0; y < height; ++y)
    for (int64_t x = 0; x < width; ++x)
      for (int64_t c = 0; c < channels; ++c)
        image.data8.push_back(static_cast<uint8_t>((x * x * 3 + y * y * 5 + x * y * (c + 1) + 37 * c) >> 3));
  return image;
}

std::string sha_of(std::span<const float> values) {
  return sha256_hex({reinterpret_cast<const char*>(values.data()), values.size_bytes()});
}

// Side and channels of the picture a system takes, by its preset's own sizes.
std::pair<int, int> picture_of(const Preset& preset) {
  if (preset.embedding) {
    const auto model = make_dual_encoder(preset, Json(), preset.name);
    return {model->image().image_px(), model->image().channels()};
  }
  const Vlm model(vlm_config_from_json(Json::object(), preset, preset.name));
  return {model.encoder().image_px(), model.encoder().channels()};
}

// XrayGPT as in its paper and CXR-LLaVA's reports see what MedCLIP and CXR-LLaVA's encoder see.
TEST(PublishedEmbedders, WholeSystemsPreparePicturesAsTheirEncodersAlone) {
  const TempFolder nothing;
  for (const auto& [system, encoder] :
      {std::pair{"xraygpt-paper", "medclip"}, std::pair{"cxr-llava", "cxr-llava-encoder"}}) {
    const auto prepared = [&](const Preset& preset) {
      const auto [image_px, channels] = picture_of(preset);
      return preprocess(pattern(301, 177, 1), read_preprocess_config(nothing.path, preset, image_px, channels)).pixels;
    };
    EXPECT_EQ(prepared(preset_named(system)), prepared(preset_named(encoder))) << system;
  }
}

// testdata/image/encoder_preprocess.json holds what the references' own code makes of the same pictures.
TEST(PublishedEmbedders, PresetsPreparePicturesBitEqualToTheirReference) {
  const AnyJson golden = AnyJson::parse(read_file(HILUM_TESTDATA "/image/encoder_preprocess.json"));
  const TempFolder nothing;
  std::map<std::string, int> seen;
  for (const AnyJson& row : golden["pipelines"]) {
    const std::string name = row["pipeline"], mode = name.ends_with(", azure") ? "azure" : "",
                      preset_name = name.substr(0, name.find(','));
    const Preset& preset = preset_named(preset_name);
    const auto [image_px, channels] = picture_of(preset);
    const PreprocessConfig config = read_preprocess_config(nothing.path, preset, image_px, channels, mode);
    const Preprocessed out = preprocess(pattern(row["width"], row["height"], row["channels"]), config);
    const int64_t planes = row["shape"][0];
    const size_t plane = out.pixels.size() / static_cast<size_t>(out.channels);
    EXPECT_EQ((std::vector<int>{out.height, out.width}), (std::vector<int>{row["shape"][1], row["shape"][2]}))
        << row.dump();
    EXPECT_EQ(
        sha_of(std::span(out.pixels).first(plane * static_cast<size_t>(planes))), row["sha256"].get<std::string>())
        << row.dump();
    for (int64_t c = planes; c < out.channels;
        ++c)  // MedCLIP's network repeats its one plane; here it is repeated before
      EXPECT_TRUE(std::equal(out.pixels.begin(), out.pixels.begin() + static_cast<std::ptrdiff_t>(plane),
          out.pixels.begin() + c * static_cast<std::ptrdiff_t>(plane)));
    ++seen[name];
  }
  EXPECT_EQ(seen.size(), 7u);
  for (const auto& [name, rows] : seen) EXPECT_EQ(rows, 18) << name;
}

// The golden weights of a system, writable, with a word list of its vocabulary's size.
struct Published : TempFolder {
  explicit Published(const std::string& name) {
    for (const auto& file : fs::directory_iterator(HILUM_TESTDATA "/models/" + name))
      if (file.path().filename() != "reference.safetensors") fs::copy(file.path(), path / file.path().filename());
  }
  void add_wordpiece(int size) {
    std::string words = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nchest\nx\n-\nray\nedema\nmass\n";
    for (int i = 11; i < size; ++i) words += "word" + std::to_string(i) + "\n";
    write_file(path / "vocab.txt", words);
  }
  void add_clip_bpe(const fs::path& folder, int size) {
    AnyJson vocab;
    int id = 0;
    for (const char* piece : {"a", "b", "c", "a</w>", "b</w>", "c</w>", "ab</w>", "ca"}) vocab[piece] = id++;
    while (id < size - 2) {
      vocab["piece" + std::to_string(id)] = id;
      ++id;
    }
    vocab["<|startoftext|>"] = id++;
    vocab["<|endoftext|>"] = id;
    fs::create_directories(folder);
    write_file(folder / "vocab.json", vocab.dump());
    write_file(folder / "merges.txt", "#version: 0.2\na b</w>\nc a\n");
  }
  fs::path picture(int channels = 3) {
    write_png(path / "picture.png", pattern(77, 61, channels));
    return path / "picture.png";
  }
};

double cosine(std::span<const float> a, std::span<const float> b) {
  double ab = 0, aa = 0, bb = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    ab += double{a[i]} * b[i];
    aa += double{a[i]} * a[i];
    bb += double{b[i]} * b[i];
  }
  return ab / std::sqrt(aa * bb);
}

// What comes out of the whole walk is what the network gives for the ids and pixels one works out by hand.
void expect_walk(const fs::path& model, const std::string& text, const std::vector<int32_t>& ids,
    const fs::path& picture, const std::string& mode = "") {
  const auto embedder = load_embedder(model, {.threads = 1}, mode);
  const LoadedDualEncoder loaded = load_dual_encoder(model);
  const auto ops = make_backend({.threads = 1});
  const std::vector<float> image = embed_image_file(*embedder, picture);
  const Preprocessed input = preprocess(pattern(77, 61, 3), embedder->preprocessing());
  const Tensor expected = ops->to_host(loaded.model->embed_image(
      *ops, Tensor::host({1, input.channels, input.height, input.width}, std::span<const float>(input.pixels))));
  EXPECT_EQ(image, std::vector<float>(expected.values().begin(), expected.values().end()));
  EXPECT_FALSE(embedder->info().demo);
  EXPECT_EQ(embedder->weights_sha256().size(), 64u);
  if (ids.empty()) {
    EXPECT_FALSE(embedder->info().has_text);
    EXPECT_THROW(embedder->embed_text(text), Error);
    return;
  }
  const std::vector<std::vector<int32_t>> texts = {ids};
  const Tensor wanted = ops->to_host(loaded.model->embed_text(*ops, TextBatch::of(texts)));
  EXPECT_EQ(embedder->embed_text(text), std::vector<float>(wanted.values().begin(), wanted.values().end()));
  EXPECT_NEAR(cosine(image, image), 1, 1e-6);
  EXPECT_GT(embedder->info().scale, 1);
}

TEST(PublishedEmbedders, BiomedClipFromItsOpenClipFolder) {
  Published files("biomedclip");
  files.add_wordpiece(90);
  expect_walk(files.path, "Chest X-ray", {2, 5, 6, 7, 8, 3}, files.picture());
}

TEST(PublishedEmbedders, TextsAreCleanedAsEachSystemsOwnCodeDoes) {
  Published biomedclip("biomedclip"), medclip("medclip");
  biomedclip.add_wordpiece(90);
  medclip.add_wordpiece(90);
  const auto with = [](const Published& files) { return load_embedder(files.path, {.threads = 1}); };
  const auto cleaned = with(biomedclip), raw = with(medclip);
  const std::string plain = "Chest X-ray", odd = "Chest\xc2\xa0 &amp;#88;-ray&nbsp;";
  EXPECT_EQ(cleaned->embed_text(odd), cleaned->embed_text(plain));
  EXPECT_NE(raw->embed_text(odd), raw->embed_text(plain));
  EXPECT_TRUE(cleaned->preprocessing().resize_alpha);  // by the presets
  EXPECT_FALSE(raw->preprocessing().resize_alpha);
}

TEST(PublishedEmbedders, MedClipFromABareWeightFolder) {
  Published files("medclip");
  files.add_wordpiece(90);
  expect_walk(files.path, "chest mass", {2, 5, 10, 3}, files.picture());
}

TEST(PublishedEmbedders, MedImageInsightFromItsPackage) {
  Published files("medimageinsight");
  const fs::path inside = files.path / "package" / "artifacts" / "checkpoints";
  fs::create_directories(inside / "vision_model");
  write_file(files.path / "package" / "MLmodel", "flavors: {}\n");
  write_file(inside / "config.yaml", "LANG_ENCODER: {}\n");
  fs::rename(files.path / "model.safetensors", inside / "vision_model" / "medimageinsigt-v1.0.0.pt");
  fs::rename(files.path / "hilum.toml", inside / "hilum.toml");
  files.add_clip_bpe(inside / "language_model" / "clip_tokenizer_4.16.2", 80);
  for (const char* mode : {"", "azure"})
    expect_walk(files.path / "package", "AB  ca", {78, 6, 2, 3, 79}, files.picture(), mode);
  EXPECT_EQ(load_embedder(files.path / "package", {.threads = 1}, "azure")->info().name, "medimageinsight+azure");
  EXPECT_THROW(load_embedder(files.path / "package", {.threads = 1}, "shiny"), Error);
}

TEST(PublishedEmbedders, EncodersAloneHaveNoTexts) {
  for (const char* name : {"rad-dino", "cxr-llava-encoder"}) {
    Published files(name);
    expect_walk(files.path, "chest", {}, files.picture());
  }
}

// The package has no config.json: its tensors' names tell what it is.
TEST(PublishedEmbedders, TensorNamesTellASystemWithoutConfig) {
  for (const char* name : {"medclip", "medimageinsight"}) {
    const Published files(name);
    fs::remove(files.path / "hilum.toml");
    EXPECT_EQ(preset_of_files(files.path).name, name);
    EXPECT_THROW(load_dual_encoder(files.path), Error);  // the fixture is not of the published size, and that is said
  }
}

TEST(PublishedEmbedders, ZeroShotRunsTheTextTowerOnceAPrompt) {
  Published files("biomedclip");
  files.add_wordpiece(90);
  const auto embedder = load_embedder(files.path, {.threads = 1});
  const LabelHead head = build_label_head(*embedder, {"Edema", "Mass"}, {"chest x-ray {}"}, {});
  const LabelScoresRow row = head.scores(embed_image_file(*embedder, files.picture()));
  EXPECT_NEAR(row[0].second + row[1].second, 1, 1e-6);
  const std::vector<float> edema = embedder->embed_text("chest x-ray Edema");
  EXPECT_NEAR(cosine(std::span(head.positive).first(edema.size()), edema), 1, 1e-6);
}

TEST(PublishedEmbedders, WhatDoesNotFitIsRefusedAtLoad) {
  Published files("biomedclip");
  const auto refused = [&] { return error_of([&] { load_embedder(files.path, {.threads = 1}); }); };
  EXPECT_NE(refused().find("holds no tokenizer"), std::string::npos) << refused();
  files.add_wordpiece(95);
  EXPECT_NE(refused().find("does not fit the model"), std::string::npos) << refused();
  files.add_wordpiece(90);
  EXPECT_EQ(refused(), "no error");
  write_file(files.path / "preprocessor_config.json", R"({"crop_size":{"height":48,"width":48}})");
  EXPECT_NE(refused().find("crop_size"), std::string::npos) << refused();
  write_file(files.path / "preprocessor_config.json", R"({"image_std":[0.2,0,0.2]})");
  EXPECT_NE(refused().find("image_std"), std::string::npos) << refused();
}

}  // namespace
}  // namespace hilum
