#include "engine/embed/embedder.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "engine/embed/fake_embedder_for_test.h"
#include "engine/image_items.h"
#include "engine/tiny_demo_for_test.h"
#include "image/encode.h"
#include "phantom/write.h"

namespace hilum {
namespace {

// Left half black, right half white.
Image halves() {
  Image image{.width = 32, .height = 32, .channels = 1, .bits = 8};
  image.data8.assign(32 * 32, 0);
  for (size_t i = 0; i < image.data8.size(); ++i) image.data8[i] = i % 32 < 16 ? 0 : 255;
  return image;
}

TEST(Embedder, AnImageFileTakesThePathOfAReport) {
  const TempFolder folder;
  write_png(folder.path / "a.png", halves());
  FakeEmbedder embedder;
  const std::vector<float> e = embed_image_file(embedder, folder.path / "a.png");
  ASSERT_EQ(e.size(), 4u);
  EXPECT_NEAR(e[0], 0, 0.02);
  EXPECT_NEAR(e[1], 1, 0.02);
  EXPECT_NEAR(e[2], 0, 0.02);
  EXPECT_NEAR(e[3], 1, 0.02);
  EXPECT_THROW(embed_image_file(embedder, folder.path / "none.png"), Error);
}

TEST(Embedder, EachTextIsEmbeddedAlone) {
  FakeEmbedder embedder;
  embedder.texts = {{"a", {1, 2, 3, 4}}, {"b", {5, 6, 7, 8}}};
  const std::vector<std::string> texts{"b", "a"};
  const Tensor out = embed_texts(embedder, texts);
  EXPECT_EQ(out.shape(), (Shape{2, 4}));
  EXPECT_EQ(out.f32()[0], 5);
  EXPECT_EQ(out.f32()[7], 4);
}

// The demo model's form: the mean of the patch features, the same number feature_distance is measured on; its warning
// comes with it.
TEST(Embedder, TheEncoderGivesItsMeanPatchFeature) {
  for (const bool far : {false, true}) {
    const TempFolder folder;
    write_tiny_demo(folder.path, far);
    write_png(folder.path / "a.png", halves());
    const auto embedder = load_embedder(folder.path, {.threads = 1});
    EXPECT_EQ(embedder->info().width, 32);
    EXPECT_TRUE(embedder->info().demo);
    EXPECT_EQ(embedder->weights_sha256().size(), 64u);
    const std::vector<float> e = embed_image_file(*embedder, folder.path / "a.png");
    const auto model = Model::load(folder.path, {.threads = 1});
    const Preprocessed input = preprocess(halves(), model->preprocessing());
    const Tensor features = model->ops().to_host(model->network().encode_images(model->ops(),
        Tensor::host({1, input.channels, input.height, input.width}, std::span<const float>(input.pixels))));
    EXPECT_EQ(e, mean_pooled(features.values(), 32));
    EXPECT_EQ(embedder->far_from_training(e), far);
    EXPECT_THROW(embedder->embed_text("x"), Error);
  }
}

TEST(ImageItems, AManifestGivesItsFrontalsAndAFolderEveryImage) {
  const TempFolder folder;
  fs::create_directories(folder.path / "images");
  for (const char* name : {"b.png", "a.png", "c.png"}) write_png(folder.path / "images" / name, halves());
  write_file(folder.path / "m.jsonl",
      R"({"study_id":"s1","patient_id":"p","images":[{"path":"images/c.png","view":"lateral"},{"path":"images/b.png","view":"frontal"}],"labels":{"Edema":1}})"
      "\n"
      R"({"study_id":"s2","images":[{"path":"images/a.png","view":"lateral"}]})"
      "\n");
  const auto of_manifest = read_image_items({(folder.path / "m.jsonl").string()});
  ASSERT_EQ(of_manifest.size(), 2u);
  EXPECT_EQ(of_manifest[0].path, folder.path / "images/b.png");
  EXPECT_EQ(of_manifest[0].study->patient_id, "p");
  EXPECT_EQ(of_manifest[0].study->labels.at("Edema"), 1);
  EXPECT_NE(of_manifest[1].trouble, "");
  const auto of_folder = read_image_items({(folder.path / "images").string(), (folder.path / "images/c.png").string()});
  ASSERT_EQ(of_folder.size(), 4u);
  EXPECT_EQ(of_folder[0].path.filename(), "a.png");
  EXPECT_EQ(of_folder[2].path.filename(), "c.png");
  EXPECT_EQ(of_folder[3].path.filename(), "c.png");
  EXPECT_THROW(read_image_items({(folder.path / "none.png").string()}), Error);
}

// DICOM files of one study are one report, but two images.
TEST(ImageItems, BothViewsOfADicomStudyCount) {
  const TempFolder folder;
  write_phantoms({.seed = 5, .size_px = 64, .lateral_rate = 1}, 2, PhantomFormat::kDicom, true, false, folder.path, 1);
  EXPECT_EQ(read_image_items({(folder.path / "images").string()}).size(), 4u);
  for (const ImageItem& item : read_image_items({(folder.path / "images").string()})) EXPECT_EQ(item.trouble, "");
  EXPECT_EQ(read_image_items({(folder.path / "studies.jsonl").string()}).size(), 2u);
}

}  // namespace
}  // namespace hilum
