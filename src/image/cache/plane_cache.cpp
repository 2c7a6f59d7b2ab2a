#include "image/cache/plane_cache.h"

#include <fmt/core.h>

#include "base/error.h"

namespace hilum {

PlaneCache::PlaneCache(const std::filesystem::path& cache, const PreprocessConfig& config)
    : file_(cache), index_(read_plane_index(file_.bytes(), cache.string())) {
  const std::string wanted = pixel_steps_text(config);
  if (index_.steps != wanted)
    throw Error(cache.string(),
        fmt::format("holds pictures made by other steps: \"{}\"; wanted: \"{}\"", index_.steps, wanted),
        "Name another file for this preprocessing, or remove this one.");
}

std::optional<CachedPicture> PlaneCache::find(const std::filesystem::path& image) const {
  const auto found = index_.records.find(image.native());
  if (found == index_.records.end()) return std::nullopt;
  const PlaneRecord& record = found->second;
  CachedPicture picture;
  picture.geometry = record.geometry;
  picture.pixels.width = index_.width;
  picture.pixels.height = index_.height;
  picture.pixels.channels = record.channels;
  const std::string_view samples = as_text(file_.bytes().subspan(record.offset, index_.picture_bytes(record)));
  picture.pixels.data8.assign(samples.begin(), samples.end());
  return picture;
}

std::optional<FileState> PlaneCache::state(const std::filesystem::path& image) const {
  const auto found = index_.records.find(image.native());
  return found == index_.records.end() ? std::nullopt : std::optional(found->second.state);
}

}  // namespace hilum
