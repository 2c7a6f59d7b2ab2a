#include "image/preprocess.h"

#include <numeric>
#include <string_view>

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "base/file.h"
#include "image/grey.h"

namespace hilum {
namespace {

// The test picture of the golden vectors.
Image golden_picture(int width, int height, bool colour) {
  Image image;
  image.width = width;
  image.height = height;
  image.channels = colour ? 3 : 1;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const int v = ((7 * x + 13 * y + (x * y) / 5) % 181) + 20;
      image.data8.push_back(static_cast<uint8_t>(v));
      if (!colour) continue;
      image.data8.push_back(static_cast<uint8_t>((3 * v + x) % 256));
      image.data8.push_back(static_cast<uint8_t>((5 * v + y) % 256));
    }
  return image;
}

uint64_t sum_of(const Image& image) { return std::accumulate(image.data8.begin(), image.data8.end(), uint64_t{0}); }
std::string sha_of(const Image& image) {
  return sha256_hex({reinterpret_cast<const char*>(image.data8.data()), image.data8.size()});
}
std::vector<int> row(const Image& image, int y, int from, int to) {
  const auto begin = image.data8.begin() + static_cast<ptrdiff_t>(y) * image.width;
  return {begin + from, begin + to + 1};
}

struct Golden {
  int width, height;
  bool colour;
  std::vector<int> first_six;
  uint64_t stretched_sum;
  std::string resized;
  std::vector<int> row0, row259;
  uint64_t crop_sum;
  std::string sha16;
  float first, middle;
};

// Made with Pillow 9.4.0 and NumPy 1.24.2 (microsoft/maira-2's processor, step by step).
const std::vector<Golden> kGolden = {
    {64, 48, false, {0, 9, 19, 29, 39, 49}, 388830, "690x518", {72, 73, 74, 75, 76, 77, 78, 79},
        {180, 183, 185, 186, 188, 189}, 34058368, "172d57126fd44d23", -0.961467564f, 0.769306004f},
    {700, 600, false, {0, 9, 19, 29, 39, 49}, 53349760, "604x518", {212, 196, 3, 19, 31, 42, 54, 65},
        {204, 150, 149, 61, 157, 146}, 34082815, "75e870072a1c86d5", 1.16404378f, -1.12847209f},
    {600, 731, true, {51, 72, 93, 114, 135, 123}, 55787374, "518x631", {157, 180, 89, 72, 128, 189, 72, 134},
        {109, 113, 66, 105, 193, 164}, 34124910, "50fec4ae4f8727be", 0.329021543f, -0.460454166f},
    {518, 518, false, {0, 9, 19, 29, 39, 49}, 34087251, "518x518", {0, 9, 19, 29, 39, 49, 59, 69},
        {195, 22, 106, 189, 17, 99}, 34087251, "c78f1b3df810e082", -2.05458784f, 0.814852715f},
    {1024, 1024, true, {50, 71, 92, 113, 134, 122}, 132949761, "518x518", {82, 115, 150, 134, 87, 72, 104, 149},
        {114, 111, 125, 96, 120, 138}, 34020917, "ef0371c01d63a930", -0.809645295f, -0.597094178f},
};

TEST(Preprocess, MairaPipelineIsBitEqualToTheGoldenVectors) {
  for (const Golden& golden : kGolden) {
    SCOPED_TRACE(golden.sha16);
    const Image picture = golden_picture(golden.width, golden.height, golden.colour);
    const Image stretched = stretch_min_max(to_grey(picture), "golden");
    EXPECT_EQ(sum_of(stretched), golden.stretched_sum);
    EXPECT_EQ(row(stretched, 0, 0, 5), golden.first_six);

    Preprocessed out;
    const Image crop = preprocess_pixels(picture, {}, out);
    EXPECT_EQ(row(crop, 0, 0, 7), golden.row0);
    EXPECT_EQ(row(crop, 259, 256, 261), golden.row259);
    EXPECT_EQ(sum_of(crop), golden.crop_sum);
    EXPECT_EQ(sha_of(crop).substr(0, 16), golden.sha16);
    EXPECT_NE(std::find(out.steps.begin(), out.steps.end(), "resize " + golden.resized + " bicubic"), out.steps.end());

    const Preprocessed pre = preprocess(picture, {});
    ASSERT_EQ(pre.pixels.size(), 3u * 518 * 518);
    for (size_t c = 0; c < 3; ++c) {
      EXPECT_EQ(pre.pixels[c * 518 * 518], golden.first);
      EXPECT_EQ(pre.pixels[c * 518 * 518 + 259 * 518 + 259], golden.middle);
    }
  }
}

TEST(Preprocess, GeometryAndUsedRectangleAreTheCentreSquare) {
  const Preprocessed pre = preprocess(golden_picture(700, 600, false), {});
  EXPECT_EQ(pre.geometry, (Geometry{700, 600, 50, 0, 600, 600}));
  EXPECT_EQ(pre.used, (std::array<int, 4>{50, 0, 650, 600}));
  EXPECT_EQ(pre.steps, (std::vector<std::string>{"minmax 20..200", "resize 604x518 bicubic", "crop 518x518 at 43,0",
                           "rescale 0.00392157", "normalize mean 0.5307 std 0.2583"}));
}

TEST(Preprocess, ConstantImagesAreRefused) {
  for (const auto& [width, height] : {std::pair{1, 1}, {100, 80}}) {
    Image image;
    image.width = width;
    image.height = height;
    image.data8.assign(static_cast<size_t>(width * height), 7);
    const Error error = expect_error([&] { preprocess(image, {}, "flat.png"); });
    EXPECT_EQ(error.where(), "flat.png");
    EXPECT_NE(error.problem().find("constant image"), std::string::npos);
  }
}

TEST(Preprocess, ColourThatIsConstantOnceGreyIsRefused) {
  Image image;
  image.width = 2;
  image.height = 1;
  image.channels = 3;
  image.data8 = {0, 100, 0, 0, 100, 1};  // both 59 or so in grey
  EXPECT_THROW(preprocess(image, {}), Error);
}

TEST(Preprocess, PicturesOfOnePixelWidthWork) {
  for (const auto& [width, height] : {std::pair{1, 2}, {2, 1}, {1, 100000}, {100000, 1}, {3, 2}}) {
    Image image;
    image.width = width;
    image.height = height;
    image.data8.assign(static_cast<size_t>(width) * static_cast<size_t>(height), 10);
    image.data8[image.data8.size() / 2] = 200;
    const Preprocessed pre = preprocess(image, {});
    EXPECT_EQ(pre.pixels.size(), 3u * 518 * 518) << width << "x" << height;
    EXPECT_EQ(pre.geometry.used_width, std::min(width, height));
  }
}

TEST(Preprocess, SixteenBitKeepsItsContrastAndSaysSo) {
  Image image;
  image.width = 4;
  image.height = 1;
  image.bits = 16;
  image.data16 = {100, 1100, 2100, 4100};  // 12-bit values in 16 bits
  std::string step;
  const Image eight = to_8_bit(image, step);
  EXPECT_EQ(eight.data8, (std::vector<uint8_t>{0, 64, 128, 255}));  // 63.75 and 127.5, rounded half up
  EXPECT_EQ(step, "16 bit to 8 bit (100..4100 to 0..255)");
  EXPECT_EQ(preprocess(image, {}).steps.front(), step);
  image.data16 = {0, 65535, 32768, 1};
  EXPECT_EQ(to_8_bit(image, step).data8, (std::vector<uint8_t>{0, 255, 128, 0}));
}

// CXR-LLaVA: one channel, Lanczos, no min-max. Table values: sheet of that model's processor.
TEST(Preprocess, OneChannelLanczosPresetGivesItsTable) {
  PreprocessConfig config;
  config.steps = {PreprocessStep::kGrey, PreprocessStep::kResizeShortest, PreprocessStep::kCenterCrop,
      PreprocessStep::kRescale, PreprocessStep::kNormalize};
  config.resize = config.crop_width = config.crop_height = 16;
  config.resample = Resample::kLanczos;
  config.mean.fill(0.5518136078431373);
  config.std.fill(0.3821719215686275);
  config.channels = 1;
  Image image;
  image.width = image.height = 16;
  for (int i = 0; i < 256; ++i) image.data8.push_back(static_cast<uint8_t>(i));
  const Preprocessed pre = preprocess(image, config);
  ASSERT_EQ(pre.pixels.size(), 256u);
  EXPECT_EQ(sha256_hex({reinterpret_cast<const char*>(pre.pixels.data()), pre.pixels.size() * sizeof(float)}),
      "e794246fece1aeea92c70dd9ea0eda2e9b6a3787b4d68746ef7f1ffb49297049");
}

TEST(Preprocess, ExactSizeUsesTheWholePicture) {
  PreprocessConfig config;
  config.steps = {PreprocessStep::kResizeExact, PreprocessStep::kRescale, PreprocessStep::kNormalize};
  config.width = 30;
  config.height = 20;
  const Preprocessed pre = preprocess(golden_picture(64, 48, true), config);
  EXPECT_EQ(pre.width, 30);
  EXPECT_EQ(pre.height, 20);
  EXPECT_EQ(pre.used, (std::array<int, 4>{0, 0, 64, 48}));
  EXPECT_NE(pre.pixels[0], pre.pixels[600]);  // colour kept
}

TEST(Preprocess, ConfigsThatDoNotFitTogetherAreRefused) {
  const Image picture = golden_picture(64, 48, true);
  PreprocessConfig config;
  config.crop_height = 600;
  EXPECT_THROW(preprocess(picture, config), Error);
  config = {};
  config.steps = {PreprocessStep::kMinMax};
  EXPECT_THROW(preprocess(picture, config), Error);
  config = {};
  std::swap(config.steps[1], config.steps[2]);
  EXPECT_THROW(preprocess(picture, config), Error);
  config = {};
  config.std[1] = 0;
  EXPECT_THROW(preprocess(picture, config), Error);
  config = {};
  config.resize = 0;
  EXPECT_THROW(preprocess(picture, config), Error);
  EXPECT_THROW(preprocess_step_from_name("center-crop"), Error);
  EXPECT_EQ(preprocess_step_from_name("center_crop"), PreprocessStep::kCenterCrop);
}

}  // namespace
}  // namespace hilum
