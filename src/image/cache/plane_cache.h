// Pictures decoded and resized once, kept in one mapped file. What is kept are 8-bit samples after the resize and crop
// and before rescale and normalize: every step up to there works on 8 bits, so nothing is lost, a float32 picture would
// take four times the space, and models that differ in their mean alone share a cache.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/file.h"
#include "image/cache/plane_file.h"
#include "image/preprocess.h"

namespace hilum {

// A cache of these pictures has exactly so many bytes where all are kept with `channels` planes: 1 for grey pictures,
// 3 for colour. A preprocessing with "grey" keeps 1 whatever is asked. Throws Error for a preprocessing that fixes no
// size.
uint64_t plane_cache_bytes(std::span<const std::filesystem::path> images, const PreprocessConfig& config, int channels);

struct PlaneCacheUpdate {
  size_t kept = 0, decoded = 0;  // pictures taken over from the cache as it was; read anew
  struct Problem {
    std::filesystem::path image;
    std::string what;
  };
  std::vector<Problem> problems;  // pictures that could not be read, in the order of `images`; the cache lacks them
  uint64_t bytes = 0;             // of the file now
};

// Makes the cache hold `images`. A picture that it holds already is taken over where its file has the same size and
// time of change; the others are decoded by `threads` threads. The new file is written beside ("NAME.part") and
// renamed, so a reader of the old one keeps what it has; it is the same whatever the threads. Nothing is written where
// there is nothing to add; pictures that are not asked for are left out when it is written. `progress(done)` is called
// from one thread at a time. Throws Error: the file there is no cache, is damaged, was made by other steps (which it
// names), or is being written by another process; too little space.
PlaneCacheUpdate update_plane_cache(const std::filesystem::path& cache, std::span<const std::filesystem::path> images,
    const PreprocessConfig& config, int threads, const std::function<void(size_t done)>& progress = {});

struct CachedPicture {
  Image pixels;       // 8 bit, the model's size
  Geometry geometry;  // back to the original
};

// A cache for reading; any number of threads at once, without locks.
class PlaneCache {
 public:
  // Throws Error as update_plane_cache().
  PlaneCache(const std::filesystem::path& cache, const PreprocessConfig& config);

  // No value for a picture that it lacks. Whether the file has changed is looked at by update_plane_cache() alone.
  std::optional<CachedPicture> find(const std::filesystem::path& image) const;
  // The picture's file as it was when it was read.
  std::optional<FileState> state(const std::filesystem::path& image) const;
  size_t size() const { return index_.records.size(); }

 private:
  MappedFile file_;
  PlaneIndex index_;
};

}  // namespace hilum
