#include "engine/batch/feature_cache.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

namespace hilum {
namespace {

// Two pictures of three planes of 2 x 2: each plane filled with one value.
Tensor pictures(Shape shape, std::initializer_list<float> planes) {
  Tensor made = Tensor::host(shape);  // [N, C, H, W]
  float* to = made.f32();
  for (const float value : planes) to = std::fill_n(to, 4, value);
  return made;
}

TEST(PixelKeys, TellApartWhateverTheEncoderCouldSee) {
  const Shape two{2, 3, 2, 2};
  const PixelKey grey = pixel_key(pictures(two, {1, 1, 1, 1, 1, 1}));
  EXPECT_EQ(grey.sha256, pixel_key(pictures(two, {1, 1, 1, 1, 1, 1})).sha256);
  EXPECT_EQ(grey.sha256.size(), 64u);
  EXPECT_NE(grey.number, 0u);
  std::set<std::string> seen{grey.sha256};
  for (const auto& planes : {std::initializer_list<float>{1, 1, 1, 1, 1, 2}, {1, 1, 2, 1, 1, 1}, {1, 2, 1, 1, 1, 1},
           {1, 2, 2, 1, 1, 1}, {1, 1, 2, 2, 1, 1}, {1, 2, 2, 2, 1, 1}, {2, 2, 2, 2, 2, 2}})
    EXPECT_TRUE(seen.insert(pixel_key(pictures(two, planes)).sha256).second);
  EXPECT_TRUE(seen.insert(pixel_key(pictures({6, 1, 2, 2}, {1, 1, 1, 1, 1, 1})).sha256).second);
  Tensor last = pictures(two, {1, 1, 1, 1, 1, 1});
  last.values()[23] = 3;
  EXPECT_TRUE(seen.insert(pixel_key(last).sha256).second);
}

TEST(FeatureCache, ForgetsWhatWasUsedLongestAgo) {
  FeatureCache cache(2 * 4 * sizeof(float));
  const auto four = [](float value) { return pictures({1, 1, 2, 2}, {value}); };
  cache.put("a", four(1));
  cache.put("b", four(2));
  EXPECT_EQ(cache.find("a").values()[0], 1);  // so that "b" is the older one
  cache.put("c", four(3));
  EXPECT_FALSE(cache.find("b").defined());
  EXPECT_EQ(cache.find("a").values()[0], 1);
  EXPECT_EQ(cache.find("c").values()[0], 3);
  cache.put("large", pictures({1, 3, 2, 2}, {1, 2, 3}));  // more than it may hold at all
  EXPECT_FALSE(cache.find("large").defined());
  EXPECT_TRUE(cache.find("a").defined());
}

}  // namespace
}  // namespace hilum
