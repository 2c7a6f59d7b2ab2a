// The pictures of testdata/image/augmentations.json, by the formula of scripts/golden/augmentations.py.
#pragma once

#include <array>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "image/image.h"

namespace hilum {

inline const nlohmann::json& golden_augmentations() {
  static const nlohmann::json json = nlohmann::json::parse(read_file(HILUM_TESTDATA "/image/augmentations.json"));
  return json;
}

// Samples low .. low + count - 1.
inline Image golden_picture(int width, int height, int channels, int low = 0, int count = 256) {
  Image image{.width = width, .height = height, .channels = channels, .bits = 8};
  for (int64_t y = 0; y < height; ++y)
    for (int64_t x = 0; x < width; ++x)
      for (int64_t c = 0; c < channels; ++c)
        image.data8.push_back(
            static_cast<uint8_t>(low + (((x * x * 3 + y * y * 5 + x * y * (c + 1) + 37 * c) >> 3) & 255) % count));
  return image;
}

// All of them, in the script's order.
inline std::vector<Image> golden_pictures() {
  std::vector<Image> all;
  for (const auto& [width, height] : {std::array{64, 64}, {63, 41}, {23, 17}, {17, 40}, {2, 2}, {1, 5}})
    for (const int channels : {1, 3})
      for (const auto& [low, count] : {std::array{0, 256}, {40, 97}, {0, 3}, {77, 1}})
        all.push_back(golden_picture(width, height, channels, low, count));
  return all;
}

template <typename Value>
std::string sha_of_values(const std::vector<Value>& values) {
  return sha256_hex({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Value)});
}

}  // namespace hilum
