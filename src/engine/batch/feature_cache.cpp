#include "engine/batch/feature_cache.h"

#include <algorithm>
#include <cstring>

#include "base/file.h"

namespace hilum {
namespace {

size_t bytes_of(const Tensor& features) { return static_cast<size_t>(features.shape().count()) * sizeof(float); }

}  // namespace

PixelKey pixel_key(const Tensor& pixels) {
  std::string seen;
  for (const int64_t size : pixels.shape().dims()) seen += std::to_string(size) + "x";
  const size_t plane = static_cast<size_t>(pixels.dim(2) * pixels.dim(3)) * sizeof(float),
               planes = pixels.values().size_bytes() / plane;
  const char* at = reinterpret_cast<const char*>(pixels.f32());
  // A radiograph's channels are mostly one plane three times; what repeats the plane before it need not be hashed
  // again.
  for (size_t i = 0; i < planes; ++i, at += plane)
    seen += i > 0 && std::memcmp(at, at - plane, plane) == 0 ? "=" : sha256_hex({at, plane});
  PixelKey key{sha256_hex(seen), 0};
  key.number = std::stoull(key.sha256.substr(0, 16), nullptr, 16);
  if (key.number == 0) key.number = 1;  // 0 stands for pictures that share nothing
  return key;
}

Tensor FeatureCache::find(const std::string& key) {
  const auto at = std::find_if(held_.begin(), held_.end(), [&](const auto& entry) { return entry.first == key; });
  if (at == held_.end()) return {};
  held_.splice(held_.begin(), held_, at);
  return held_.front().second;
}

void FeatureCache::put(const std::string& key, const Tensor& features) {
  if (bytes_of(features) > max_bytes_ || find(key).defined()) return;
  held_.emplace_front(key, features);
  bytes_ += bytes_of(features);
  for (; bytes_ > max_bytes_; held_.pop_back()) bytes_ -= bytes_of(held_.back().second);
}

}  // namespace hilum
