#include "engine/batch/image_encoder.h"

#include <future>

#include <gmock/gmock.h>

#include "base/rng.h"
#include "engine/batch/phantom_model_for_test.h"

namespace hilum {
namespace {

using testing::ElementsAreArray;

Tensor noise(int64_t images, uint64_t seed) {  // as the tiny model takes pictures
  Tensor pixels = Tensor::host({images, 1, 56, 56});
  Rng rng(seed);
  for (float& value : pixels.values()) value = static_cast<float>(rng.normal());
  return pixels;
}

const Model& tiny() {
  static const PhantomModel made(0);
  return *made.model;
}

Tensor alone(const Tensor& pixels) {
  return tiny().ops().to_host(tiny().network().encode_images(tiny().ops(), pixels));
}

// Requests posted while the encoder is held up, so that they meet in one pass.
std::vector<EncodedImages> encoded_together(ImageEncoder& encoder, const std::vector<Tensor>& requests) {
  std::promise<void> open;
  const std::shared_future<void> gate = open.get_future().share();
  encoder.post(noise(1, 999), [gate](const EncodedImages&) { gate.wait(); });
  std::vector<std::promise<EncodedImages>> results(requests.size());
  for (size_t i = 0; i < requests.size(); ++i)
    encoder.post(requests[i], [&results, i](EncodedImages encoded) { results[i].set_value(std::move(encoded)); });
  open.set_value();
  std::vector<EncodedImages> all;
  for (auto& result : results) all.push_back(result.get_future().get());
  return all;
}

TEST(ImageEncoder, GivesEachRequestTheBitsItGetsAlone) {
  ImageEncoder encoder(tiny(), {.backend = {.threads = 1}, .feature_bytes = 0, .images_together = 100});
  const std::vector<Tensor> requests{noise(1, 1), noise(3, 2), noise(2, 3), noise(1, 4)};
  const std::vector<EncodedImages> together = encoded_together(encoder, requests);
  for (size_t i = 0; i < requests.size(); ++i) {
    const Tensor want = alone(requests[i]);
    ASSERT_EQ(together[i].features.shape(), want.shape());
    EXPECT_THAT(together[i].features.values(), ElementsAreArray(want.values())) << i;
    EXPECT_FALSE(together[i].known);
    EXPECT_EQ(together[i].key, 0u);  // nothing is kept
    EXPECT_THAT(encoder.encode(requests[i]).values(), ElementsAreArray(want.values())) << i;
  }
}

TEST(ImageEncoder, KnowsPicturesAgainAndThoseOfOnePass) {
  ImageEncoder encoder(tiny(), {.backend = {.threads = 1}, .images_together = 100});
  const std::vector<EncodedImages> together = encoded_together(encoder, {noise(2, 1), noise(1, 2), noise(2, 1)});
  EXPECT_EQ(together[0].key, together[2].key);
  EXPECT_NE(together[0].key, together[1].key);
  EXPECT_THAT(together[0].features.values(), ElementsAreArray(together[2].features.values()));
  EXPECT_THAT(together[1].features.values(), ElementsAreArray(alone(noise(1, 2)).values()));
  const std::vector<EncodedImages> again = encoded_together(encoder, {noise(1, 2), noise(1, 3)});
  EXPECT_TRUE(again[0].known);
  EXPECT_FALSE(again[1].known);
  EXPECT_THAT(again[0].features.values(), ElementsAreArray(alone(noise(1, 2)).values()));
}

TEST(ImageEncoder, PicturesThatCannotBeEncodedAreTheAskersTrouble) {
  ImageEncoder encoder(tiny(), {.backend = {.threads = 1}, .feature_bytes = 0, .images_together = 100});
  const Tensor wrong = Tensor::host({1, 2, 56, 56}), good = noise(1, 1);  // two channels
  const std::vector<EncodedImages> together = encoded_together(encoder, {good, wrong, good});
  EXPECT_FALSE(together[0].error);
  EXPECT_TRUE(together[1].error);
  EXPECT_THAT(together[2].features.values(), ElementsAreArray(alone(good).values()));
  EXPECT_ANY_THROW(encoder.encode(wrong));
}

TEST(ImageEncoder, WhatNobodyWantsAnyMoreIsNotEncoded) {
  ImageEncoder encoder(tiny(), {.backend = {.threads = 1}});
  std::promise<void> asked;
  encoder.post(
      noise(1, 1), [](const EncodedImages&) { ADD_FAILURE() << "told of it"; },
      [&] {
        asked.set_value();
        return false;
      });
  asked.get_future().wait();
  encoder.encode(noise(1, 2));  // behind it
}

TEST(ImagesOfAPass, SmallPicturesAreTakenTogether) {
  EXPECT_EQ(images_of_a_pass(224, 224), 16);
  EXPECT_EQ(images_of_a_pass(518, 518), 3);
  EXPECT_EQ(images_of_a_pass(1024, 1024), 1);
  EXPECT_EQ(images_of_a_pass(4000, 4000), 1);
}

}  // namespace
}  // namespace hilum
