#include "image/cache/plane_cache.h"

#include <atomic>
#include <thread>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/expect_error_for_test.h"
#include "base/temp_folder_for_test.h"
#include "image/decode.h"
#include "image/encode.h"

namespace hilum {
namespace {

using testing::HasSubstr;
using Step = PreprocessStep;

Image pattern(int width, int height, int channels, int shift) {
  Image image{.width = width, .height = height, .channels = channels, .bits = 8};
  for (int i = 0; i < width * height * channels; ++i)
    image.data8.push_back(static_cast<uint8_t>(7 * i + i / 5 + shift));
  return image;
}

PreprocessConfig exact(int width, int height) {
  PreprocessConfig config;
  config.steps = {Step::kResizeExact, Step::kRescale, Step::kNormalize};
  config.width = width;
  config.height = height;
  return config;
}

class PlaneCacheTest : public testing::Test {
 protected:
  PlaneCacheTest() {
    for (int i = 0; i < 6; ++i) {
      images_.push_back(folder_ / ("p" + std::to_string(i) + ".png"));
      write_file(images_.back(), encode_png(pattern(40 + i, 30 + 2 * i, i % 2 == 0 ? 1 : 3, i)));
    }
  }

  PlaneCacheUpdate update(int threads = 2) { return update_plane_cache(cache_, images_, config_, threads); }
  Preprocessed from_cache(const fs::path& image) {
    const auto found = PlaneCache(cache_, config_).find(image);
    EXPECT_TRUE(found) << image;
    Preprocessed out;
    out.geometry = found->geometry;
    normalize_pixels(found->pixels, config_, out);
    return out;
  }
  void expect_as_files_are() {
    for (const fs::path& image : images_) {
      const Preprocessed wanted = preprocess(decode_image_file(image).pixels, config_), out = from_cache(image);
      EXPECT_EQ(out.pixels, wanted.pixels) << image;
      EXPECT_EQ(out.geometry, wanted.geometry) << image;
    }
  }

  TempFolder folder_;
  fs::path cache_ = folder_ / "train.planes";
  std::vector<fs::path> images_;
  PreprocessConfig config_ = exact(24, 20);
};

TEST_F(PlaneCacheTest, APictureFromItIsThePreprocessedOne) {
  const PlaneCacheUpdate made = update();
  EXPECT_EQ(made.decoded, 6u);
  EXPECT_EQ(made.kept, 0u);
  EXPECT_TRUE(made.problems.empty());
  EXPECT_EQ(made.bytes, fs::file_size(cache_));
  EXPECT_FALSE(fs::exists(cache_.string() + ".part"));
  expect_as_files_are();
  EXPECT_FALSE(PlaneCache(cache_, config_).find("other.png"));
}

TEST_F(PlaneCacheTest, ItsSizeIsSaidBeforehand) {
  EXPECT_LT(plane_cache_bytes(images_, config_, 1), update().bytes);
  EXPECT_GT(plane_cache_bytes(images_, config_, 3), fs::file_size(cache_));
  const std::vector<fs::path> grey = {images_[0], images_[2], images_[4]}, colour = {images_[1], images_[3]};
  fs::remove(cache_);
  EXPECT_EQ(update_plane_cache(cache_, grey, config_, 2).bytes, plane_cache_bytes(grey, config_, 1));
  fs::remove(cache_);
  EXPECT_EQ(update_plane_cache(cache_, colour, config_, 2).bytes, plane_cache_bytes(colour, config_, 3));
  fs::remove(cache_);
  config_.steps.insert(config_.steps.begin(), Step::kGrey);
  EXPECT_EQ(update_plane_cache(cache_, colour, config_, 2).bytes, plane_cache_bytes(colour, config_, 3));
  EXPECT_LT(plane_cache_bytes(images_, config_, 1), 6 * (24 * 20 + 200 + folder_.path.native().size()) + 200);
}

TEST_F(PlaneCacheTest, TheFileIsTheSameWhateverTheThreads) {
  update(1);
  const std::string one = read_file(cache_);
  for (const int threads : {2, 5, 16}) {
    fs::remove(cache_);
    update(threads);
    EXPECT_EQ(read_file(cache_), one) << threads;
  }
}

TEST_F(PlaneCacheTest, OnlyWhatChangedIsDecodedAnew) {
  update();
  struct stat before{};
  struct stat after{};
  ::stat(cache_.c_str(), &before);
  EXPECT_EQ(update().kept, 6u);
  ::stat(cache_.c_str(), &after);
  EXPECT_EQ(before.st_ino, after.st_ino) << "nothing changed, nothing is written";

  write_file(images_[3], encode_png(pattern(43, 36, 1, 99)));
  fs::last_write_time(images_[4], fs::last_write_time(images_[4]) + std::chrono::seconds(2));
  images_.push_back(folder_ / "new.png");
  write_file(images_.back(), encode_png(pattern(50, 50, 1, 3)));
  images_.erase(images_.begin());
  const PlaneCache reader(cache_, config_);
  const PlaneCacheUpdate changed = update();
  EXPECT_EQ(changed.kept, 3u);
  EXPECT_EQ(changed.decoded, 3u);
  expect_as_files_are();
  EXPECT_EQ(PlaneCache(cache_, config_).size(), 6u) << "what is not wanted any more is gone";
  EXPECT_TRUE(reader.find(folder_ / "p0.png")) << "who reads the old file keeps it";
}

TEST_F(PlaneCacheTest, OtherStepsAreRefusedByName) {
  update();
  PreprocessConfig other = exact(24, 24);
  const std::string said = error_of([&] { update_plane_cache(cache_, images_, other, 1); });
  EXPECT_THAT(said, HasSubstr("holds pictures made by other steps: \"resize_exact 24x20 bicubic, channels 3\"; wanted: "
                              "\"resize_exact 24x24 bicubic, channels 3\". Name another file"));
  EXPECT_THROW(PlaneCache(cache_, other), Error);
  other = config_;
  other.mean.fill(0.1);  // of the numbers, not of the samples
  other.rescale_factor = 1;
  EXPECT_EQ(PlaneCache(cache_, other).size(), 6u);
  other.steps = {Step::kResizeShortest};
  EXPECT_THAT(error_of([&] { plane_cache_bytes(images_, other, 1); }), HasSubstr("a cache needs one"));
}

TEST(PixelSteps, EverySettingOfAStepIsInItsText) {
  PreprocessConfig all;
  all.steps = {Step::kStandardize, Step::kGrey, Step::kMinMax, Step::kPadSquare, Step::kResizeShortest,
      Step::kCenterCrop, Step::kRescale, Step::kNormalize};
  EXPECT_EQ(pixel_steps_text(all),
      "standardize 512 quality 75, grey, minmax, pad_square 0 value 0, resize_shortest 518 bicubic, "
      "center_crop 518x518 offset down, channels 3");
  PreprocessConfig changed = all;
  changed.standard_px = 1;
  changed.standard_quality = 2;
  changed.pad_min_side = 3;
  changed.pad_value = 4;
  changed.resize = 5;
  changed.crop_width = 6;
  changed.crop_height = 7;
  changed.crop_offset = CropOffset::kHalfToEven;
  changed.resample = Resample::kBilinear;
  changed.resize_alpha = true;
  changed.channels = 1;
  EXPECT_EQ(pixel_steps_text(changed),
      "standardize 1 quality 2, grey, minmax, pad_square 3 value 4, resize_shortest 5 bilinear, center_crop 6x7 "
      "offset half_even, alpha resized, channels 1");
}

TEST_F(PlaneCacheTest, PicturesThatCannotBeReadAreToldAndLeftOut) {
  write_file(images_[1], "no picture");
  fs::remove(images_[4]);
  const PlaneCacheUpdate made = update();
  EXPECT_EQ(made.decoded, 4u);
  ASSERT_EQ(made.problems.size(), 2u);
  EXPECT_EQ(made.problems[0].image, images_[1]);
  EXPECT_EQ(made.problems[1].image, images_[4]);
  EXPECT_THAT(made.problems[1].what, HasSubstr("p4.png"));
  EXPECT_FALSE(PlaneCache(cache_, config_).find(images_[1]));
  const auto written = fs::last_write_time(cache_);
  const PlaneCacheUpdate again = update();
  EXPECT_EQ(again.kept, 4u);
  EXPECT_EQ(again.problems.size(), 2u) << "told each time";
  EXPECT_EQ(fs::last_write_time(cache_), written) << "a broken picture is no reason to write the others again";
  write_file(images_[1], encode_png(pattern(20, 20, 1, 1)));
  EXPECT_EQ(update().decoded, 1u) << "it is tried again";
}

TEST_F(PlaneCacheTest, WhatIsNoCacheIsNeverOverwritten) {
  write_file(cache_, "my notes");
  EXPECT_THAT(error_of([&] { update(); }), HasSubstr("is not a cache of pictures"));
  EXPECT_EQ(read_file(cache_), "my notes");
  fs::remove(cache_);
  update();
  const std::string whole = read_file(cache_);
  write_file(cache_, whole.substr(0, whole.size() - 9));
  EXPECT_THAT(error_of([&] { update(); }), HasSubstr("the index is not the file's end"));
}

TEST_F(PlaneCacheTest, OneProcessWritesAtATime) {
  const std::string part = cache_.string() + ".part";
  const int held = ::open(part.c_str(), O_WRONLY | O_CREAT, 0644);
  ASSERT_EQ(::flock(held, LOCK_EX), 0);
  EXPECT_THAT(error_of([&] { update(); }), HasSubstr("is being written by another process"));
  EXPECT_TRUE(fs::exists(part));
  ::close(held);  // it was killed: what it left is no hindrance
  EXPECT_EQ(update().decoded, 6u);
}

TEST_F(PlaneCacheTest, ThreadsReadAtOnce) {
  update();
  const PlaneCache cache(cache_, config_);
  std::vector<Image> wanted;
  for (const fs::path& image : images_) wanted.push_back(cache.find(image)->pixels);
  std::vector<std::thread> threads;
  std::atomic<int> same = 0;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int round = 0; round < 50; ++round)
        for (size_t i = 0; i < images_.size(); ++i) same += cache.find(images_[i])->pixels.data8 == wanted[i].data8;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(same, 4 * 50 * 6);
}

TEST_F(PlaneCacheTest, ADuplicatePathIsKeptOnce) {
  images_.push_back(images_[0]);
  EXPECT_EQ(update().decoded, 6u);
  EXPECT_EQ(update().kept, 6u);
}

}  // namespace
}  // namespace hilum
