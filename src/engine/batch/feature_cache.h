// Encoded pictures, by what the encoder saw: a picture asked about again is not encoded again.
#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <utility>

#include "tensor/tensor.h"

namespace hilum {

// SHA-256 over the shape and the SHA-256 of each plane, and the first 8 bytes of it as a number other than 0, for
// Generator's image_key.
struct PixelKey {
  std::string sha256;
  uint64_t number = 0;
};
PixelKey pixel_key(const Tensor& pixels);  // [N, C, H, W] host F32, not empty

// The latest used, up to a number of bytes. One thread at a time.
class FeatureCache {
 public:
  explicit FeatureCache(size_t max_bytes) : max_bytes_(max_bytes) {}
  Tensor find(const std::string& key);  // undefined: not there
  void put(const std::string& key, const Tensor& features);

 private:
  size_t max_bytes_, bytes_ = 0;
  std::list<std::pair<std::string, Tensor>> held_;  // latest used first
};

}  // namespace hilum
