#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include <fmt/core.h>

#include "base/error.h"
#include "image/cache/plane_cache.h"
#include "image/cache/plane_writer.h"
#include "image/decode.h"

namespace hilum {
namespace {

std::pair<int, int> cached_size(const PreprocessConfig& config) {
  const auto size = fixed_model_size(config);
  if (!size)
    throw Error("cache", "the preprocessing gives pictures of any size, and a cache needs one",
        "Add center_crop or resize_exact to the preprocessing's steps, or do without the cache.");
  return *size;
}

void check_space(const std::filesystem::path& cache, uint64_t bytes) {
  std::error_code unknown;
  const std::filesystem::path folder = std::filesystem::absolute(cache, unknown).parent_path();
  const auto space = std::filesystem::space(folder, unknown);
  if (!unknown && space.available < bytes)
    throw Error(cache.string(),
        fmt::format("would take {:.1f} GB at least, and {:.1f} GB are free there", static_cast<double>(bytes) / 1e9,
            static_cast<double>(space.available) / 1e9),
        "Name a file on a larger disk, or do without the cache.");
}

struct Made {
  CachedPicture picture;
  FileState state;
  bool kept = false;  // taken over from `old`
  std::string problem;
};

Made make_picture(const std::filesystem::path& image, const PlaneCache* old, const PreprocessConfig& config) {
  Made made;
  try {
    made.state = file_state(image);  // before it is read: what changes meanwhile is read again next time
    made.kept = old && old->state(image) == made.state;
    if (made.kept) {
      made.picture = *old->find(image);
      return made;
    }
    const DecodedImage decoded = decode_image_file(image);
    Preprocessed out;
    made.picture.pixels = preprocess_pixels(decoded.pixels, config, out, image.string());
    made.picture.geometry = out.geometry;
  } catch (const Error& error) {
    made.problem = error.what();
  }
  return made;
}

// What an update comes to where the cache has every picture that can be read; no value where there is one to add.
std::optional<PlaneCacheUpdate> nothing_to_add(
    const PlaneCache& old, std::span<const std::filesystem::path> images, const PreprocessConfig& config) {
  PlaneCacheUpdate result;
  std::vector<std::filesystem::path> missing;
  for (const std::filesystem::path& image : images) {
    std::error_code gone;
    if (std::filesystem::exists(image, gone) && old.state(image) == file_state(image)) ++result.kept;
    else missing.push_back(image);
  }
  for (const std::filesystem::path& image : missing) {
    const Made made = make_picture(image, &old, config);
    if (made.problem.empty()) return std::nullopt;
    result.problems.push_back({image, made.problem});
  }
  return result;
}

// Workers make pictures in any order; each waits for its turn to write, so the file's order is the images'.
class PlaneCacheUpdater {
 public:
  PlaneCacheUpdater(const PlaneCache* old, std::span<const std::filesystem::path> images,
      const PreprocessConfig& config, PlaneWriter& writer, const std::function<void(size_t)>& progress)
      : old_(old), images_(images), config_(config), writer_(writer), progress_(progress) {}

  PlaneCacheUpdate run(int threads) {
    std::vector<std::thread> workers;
    for (int i = 0; i < std::max(threads, 1); ++i) workers.emplace_back([this] { work(); });
    for (std::thread& worker : workers) worker.join();
    if (failure_) std::rethrow_exception(failure_);
    return std::move(result_);
  }

 private:
  void write(const std::filesystem::path& image, const Made& made) {
    if (!made.problem.empty()) {
      result_.problems.push_back({image, made.problem});
      return;
    }
    writer_.add(image.native(), made.state, made.picture.pixels, made.picture.geometry);
    ++(made.kept ? result_.kept : result_.decoded);
  }

  void work() {
    std::unique_lock lock(mutex_);
    while (!failure_ && next_ < images_.size()) {
      const size_t index = next_++;
      lock.unlock();
      try {
        const Made made = make_picture(images_[index], old_, config_);
        lock.lock();
        turn_.wait(lock, [&] { return failure_ || written_ == index; });
        if (failure_) return;
        write(images_[index], made);
        ++written_;
        if (progress_) progress_(written_);
      } catch (...) {  // a full disk, or too little memory
        if (!lock.owns_lock()) lock.lock();
        if (!failure_) failure_ = std::current_exception();
      }
      turn_.notify_all();
    }
  }

  const PlaneCache* old_;
  std::span<const std::filesystem::path> images_;
  const PreprocessConfig& config_;
  PlaneWriter& writer_;
  const std::function<void(size_t)>& progress_;
  std::mutex mutex_;
  std::condition_variable turn_;
  size_t next_ = 0, written_ = 0;
  std::exception_ptr failure_;
  PlaneCacheUpdate result_;
};

}  // namespace

uint64_t plane_cache_bytes(
    std::span<const std::filesystem::path> images, const PreprocessConfig& config, int channels) {
  const auto [width, height] = cached_size(config);
  if (std::ranges::count(config.steps, PreprocessStep::kGrey) > 0) channels = 1;
  PlaneIndex index{.steps = pixel_steps_text(config), .width = width, .height = height};
  for (const std::filesystem::path& image : images) index.records[image.native()].channels = channels;
  uint64_t bytes = kPlaneHeaderBytes + plane_index_bytes(index).size();
  for (const auto& [path, record] : index.records) bytes += index.picture_bytes(record);
  return bytes;
}

PlaneCacheUpdate update_plane_cache(const std::filesystem::path& cache, std::span<const std::filesystem::path> images,
    const PreprocessConfig& config, int threads, const std::function<void(size_t done)>& progress) {
  const auto [width, height] = cached_size(config);
  std::optional<PlaneCache> old;
  std::error_code unknown;
  if (std::filesystem::exists(cache, unknown)) old.emplace(cache, config);
  std::vector<std::filesystem::path> wanted;  // each once, in order
  std::set<std::string_view> seen;
  for (const std::filesystem::path& image : images)
    if (seen.emplace(image.native()).second) wanted.push_back(image);

  if (old) {
    if (auto same = nothing_to_add(*old, wanted, config)) {
      same->bytes = std::filesystem::file_size(cache);
      return std::move(*same);
    }
  }

  check_space(cache, plane_cache_bytes(wanted, config, 1));
  PlaneWriter writer(cache, pixel_steps_text(config), width, height);
  PlaneCacheUpdate result = PlaneCacheUpdater(old ? &*old : nullptr, wanted, config, writer, progress).run(threads);
  result.bytes = writer.finish();
  return result;
}

}  // namespace hilum
