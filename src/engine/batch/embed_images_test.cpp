#include "engine/batch/embed_images.h"

#include <numeric>

#include <gtest/gtest.h>

#include "engine/batch/phantom_model_for_test.h"
#include "engine/embed/fake_embedder_for_test.h"

namespace hilum {
namespace {

struct Embedded {
  std::vector<size_t> rows;
  std::vector<std::vector<float>> embeddings;  // empty where a row failed
  std::vector<std::string> errors;
};

Embedded run(Embedder& embedder, const std::vector<ImageItem>& items, const std::vector<size_t>& rows, int images) {
  Embedded ran;
  embed_images(
      embedder, items, rows, {.images = images, .threads = 2},
      [&](size_t row, const EmbeddedImage& image) {
        ran.rows.push_back(row);
        ran.embeddings.push_back(image.embedding);
      },
      [&](size_t row, const Error& error) {
        ran.rows.push_back(row);
        ran.embeddings.emplace_back();
        ran.errors.push_back(error.what());
      });
  return ran;
}

TEST(EmbedImages, EachGetsWhatItGetsAloneInRowOrder) {
  const PhantomModel phantoms(7);
  const auto embedder = load_embedder(phantoms.folder.path / "model", {.threads = 1});
  std::vector<ImageItem> items;
  std::vector<std::vector<float>> want;
  for (int i = 0; i < 7; ++i) {
    items.push_back({.path = phantoms.picture(i)});
    want.push_back(embed_image_file(*embedder, items.back().path));
  }
  const std::vector<size_t> rows{0, 1, 2, 3, 4, 5, 6};
  for (const int images : {0, 1, 2, 3, 7, 50}) {
    const Embedded ran = run(*embedder, items, rows, images);
    EXPECT_EQ(ran.rows, rows) << images;
    EXPECT_EQ(ran.embeddings, want) << images;
  }
}

TEST(EmbedImages, ARowThatCannotBeReadIsItsOwn) {
  const PhantomModel phantoms(4);
  FakeEmbedder embedder;
  write_file(phantoms.picture(1), "no picture");
  std::vector<ImageItem> items{{.path = phantoms.picture(0)}, {.path = phantoms.picture(1)},
      {.study_id = "s", .trouble = "has no image"}, {.path = phantoms.picture(3)}};
  const Embedded ran = run(embedder, items, {0, 1, 2, 3}, 2);
  EXPECT_EQ(ran.rows, (std::vector<size_t>{0, 1, 2, 3}));
  ASSERT_EQ(ran.errors.size(), 2u);
  EXPECT_NE(ran.errors[0].find("1.png"), std::string::npos);
  EXPECT_EQ(ran.errors[1], "s: has no image.");
  EXPECT_EQ(ran.embeddings[3], embed_image_file(embedder, items[3].path));
}

TEST(EmbedImages, PicturesGoInPassesOfTheNumberNamed) {
  const PhantomModel phantoms(5);
  FakeEmbedder embedder;
  std::vector<ImageItem> items;
  for (int i = 0; i < 5; ++i) items.push_back({.path = phantoms.picture(i)});
  run(embedder, items, {0, 1, 2, 3, 4}, 2);
  EXPECT_EQ(embedder.image_calls, 3);
  run(embedder, items, {1, 3}, 8);  // rows that are left
  EXPECT_EQ(embedder.image_calls, 4);
}

}  // namespace
}  // namespace hilum
