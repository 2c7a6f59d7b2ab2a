// The encoders' pipelines against Pillow and torchvision, bit for bit.
#include <functional>
#include <span>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "image/decode.h"
#include "image/encode.h"
#include "image/picture_steps.h"
#include "image/preprocess.h"

namespace hilum {
namespace {

using AnyJson = nlohmann::json;
using Step = PreprocessStep;

const AnyJson& golden() {
  static const AnyJson json = AnyJson::parse(read_file(HILUM_TESTDATA "/image/encoder_preprocess.json"));
  return json;
}

Image picture(const AnyJson& row) {
  Image image;
  image.width = row["width"];
  image.height = row["height"];
  image.channels = row["channels"];
  for (int64_t y = 0; y < image.height; ++y)
    for (int64_t x = 0; x < image.width; ++x)
      for (int64_t c = 0; c < image.channels; ++c)
        image.data8.push_back(static_cast<uint8_t>((x * x * 3 + y * y * 5 + x * y * (c + 1) + 37 * c) >> 3));
  return image;
}

template <class T>
std::string sha_of(const std::vector<T>& values) {
  return sha256_hex({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)});
}

std::string place(const AnyJson& row) { return row.dump(); }

PreprocessConfig squash(int px, std::array<double, 3> mean, std::array<double, 3> std) {
  PreprocessConfig config;
  config.steps = {Step::kResizeExact, Step::kRescale, Step::kNormalize};
  config.width = config.height = px;
  config.mean = mean;
  config.std = std;
  config.rescale_factor = 1.0 / 255;
  return config;
}

PreprocessConfig config_of(const std::string& name) {
  const std::array<double, 3> imagenet_mean = {0.485, 0.456, 0.406}, imagenet_std = {0.229, 0.224, 0.225};
  const std::array<double, 3> clip_mean = {0.48145466, 0.4578275, 0.40821073},
                              clip_std = {0.26862954, 0.26130258, 0.27577711};
  PreprocessConfig config = squash(name.starts_with("medimageinsight") ? 480 : 224,
      name.starts_with("medimageinsight") ? imagenet_mean : clip_mean,
      name.starts_with("medimageinsight") ? imagenet_std : clip_std);
  if (name == "medimageinsight, azure") config.steps.insert(config.steps.begin(), Step::kStandardize);
  if (name == "biomedclip") {
    config.steps = {Step::kResizeShortest, Step::kCenterCrop, Step::kRescale, Step::kNormalize};
    config.resize = config.crop_width = config.crop_height = 224;
    config.crop_offset = crop_offset_from_name("half_even");
  }
  if (name == "medclip") {
    config.steps = {Step::kGrey, Step::kPadSquare, Step::kResizeExact, Step::kRescale, Step::kNormalize};
    config.pad_min_side = 224;
    config.mean.fill(0.5862785803043838);
    config.std.fill(0.27950088968644304);
    config.channels = 1;
    config.rescale_float32 = true;
  }
  return config;
}

TEST(EncoderPreprocess, EveryPipelineIsBitEqualToItsReference) {
  int run = 0;
  for (const AnyJson& row : golden()["pipelines"]) {
    if (row["pipeline"] == "rad-dino" || row["pipeline"] == "cxr-llava-encoder")
      continue;  // run from their presets, engine/published_embedders_test
    ++run;
    const Preprocessed out = preprocess(picture(row), config_of(row["pipeline"]));
    EXPECT_EQ((std::vector<int>{out.channels, out.height, out.width}), row["shape"].get<std::vector<int>>())
        << place(row);
    EXPECT_EQ(sha_of(out.pixels), row["sha256"].get<std::string>()) << place(row);
  }
  EXPECT_EQ(run, 90);
}

TEST(EncoderPreprocess, PartlyTransparentPicturesAreResizedWithTheirAlpha) {
  const AnyJson rows = AnyJson::parse(read_file(HILUM_TESTDATA "/image/alpha_preprocess.json"))["rows"];
  PreprocessConfig config = config_of("biomedclip");
  config.resize_alpha = true;
  int differ = 0;
  for (const AnyJson& row : rows) {
    Image image = picture(row);
    for (int y = 0; y < image.height; ++y)
      for (int x = 0; x < image.width; ++x) {
        const int stripe = (x / 7 + y / 5) % 3;
        image.alpha8.push_back(static_cast<uint8_t>(stripe == 0 ? 255 : stripe == 1 ? (x * 9 + y * 4) & 255 : 0));
      }
    Preprocessed out;
    EXPECT_EQ(sha_of(to_rgb(preprocess_pixels(image, config, out)).data8), row["sha256"].get<std::string>())
        << place(row);
    PreprocessConfig without = config;
    without.resize_alpha = false;
    differ += sha_of(to_rgb(preprocess_pixels(image, without, out)).data8) != row["sha256"].get<std::string>();
  }
  EXPECT_EQ(rows.size(), 12u);
  EXPECT_EQ(differ, 6);  // 225 x 224 and 224 x 224 keep their size, and 5 x 4 is opaque
  config.steps.insert(config.steps.begin(), Step::kGrey);
  EXPECT_THROW(preprocess(picture(rows[1]), config), Error);
}

TEST(EncoderPreprocess, JpegRoundTripsArePillows) {
  for (const AnyJson& row : golden()["jpeg"]) {
    const std::string jpeg = encode_jpeg(to_rgb(picture(row)), row["quality"]);
    const Image back = decode_image(std::as_bytes(std::span(jpeg)), "round trip").pixels;
    EXPECT_EQ(sha_of(to_rgb(back).data8), row["sha256"].get<std::string>()) << place(row);
  }
}

TEST(EncoderPreprocess, NearestIsPillows) {
  EXPECT_EQ(resample_from_pillow(0), Resample::kNearest);
  EXPECT_EQ(resample_from_name("nearest"), Resample::kNearest);
  for (const AnyJson& row : golden()["nearest"]) {
    const int width = row["to_width"], height = row["to_height"];
    const Image whole = resize(picture(row), width, height, Resample::kNearest);
    EXPECT_EQ(sha_of(whole.data8), row["sha256"].get<std::string>()) << place(row);
    const Image pixel = resize(picture(row), width, height, Resample::kNearest, {width - 1, height - 1, 1, 1});
    EXPECT_TRUE(std::equal(pixel.data8.begin(), pixel.data8.end(), whole.data8.end() - pixel.channels)) << place(row);
  }
}

TEST(EncoderPreprocess, StepsSayWhatWasDone) {
  const Image tall = picture({{"width", 101}, {"height", 300}, {"channels", 3}});
  EXPECT_EQ(preprocess(tall, config_of("medclip")).steps,
      (std::vector<std::string>{"grey", "pad to 300x300 with 0, picture at 99,0", "resize 224x224 bicubic",
          "rescale 0.00392157", "normalize mean 0.586279 std 0.279501"}));
  EXPECT_EQ(preprocess(tall, config_of("medimageinsight, azure")).steps.front(),
      "standardize 512x512 bicubic, jpeg quality 75");
}

TEST(EncoderPreprocess, SmallPicturesArePaddedNotEnlarged) {
  const Preprocessed out = preprocess(picture({{"width", 100}, {"height", 61}, {"channels", 1}}), config_of("medclip"));
  EXPECT_EQ(out.geometry, (Geometry{100, 61, -62, -81, 224, 224}));
  EXPECT_EQ(out.used, (std::array<int, 4>{0, 0, 100, 61}));
  EXPECT_EQ(out.pixels.front(), -2.0975909f);  // a corner of the padding
}

TEST(EncoderPreprocess, ThePaddingsValueIsTheConfigs) {
  PreprocessConfig config = config_of("medclip");
  config.pad_value = 255;
  const Preprocessed out = preprocess(picture({{"width", 100}, {"height", 61}, {"channels", 1}}), config);
  EXPECT_EQ(out.pixels.front(), 1.4802151f);
}

// Boxes of the model's picture and of the original are each other's, within the whole pixels that the way back gives.
TEST(EncoderPreprocess, BoxesComeBackThroughEveryGeometry) {
  for (const char* name : {"medimageinsight", "medimageinsight, azure", "biomedclip", "xraygpt", "medclip"})
    for (const auto& [width, height] : {std::pair{301, 407}, {640, 333}, {97, 60}, {225, 224}}) {
      const Geometry geometry =
          preprocess(picture({{"width", width}, {"height", height}, {"channels", 1}}), config_of(name)).geometry;
      EXPECT_EQ(geometry.width, width);
      const double px = 1.001 / width, py = 1.001 / height;  // whole px: up to one less
      const BoxNorm middle{0.4, 0.45, 0.6, 0.55};            // no pipeline crops this
      const auto model = box_to_model(middle, geometry);
      ASSERT_TRUE(model) << name;
      const BoxNorm back = box_to_original(*model, geometry);
      EXPECT_NEAR(back.x_min, middle.x_min, px) << name;
      EXPECT_NEAR(back.y_min, middle.y_min, py) << name;
      EXPECT_NEAR(back.x_max, middle.x_max, px) << name;
      EXPECT_NEAR(back.y_max, middle.y_max, py) << name;
      const BoxNorm all = box_to_original({0, 0, 1, 1}, geometry);
      EXPECT_TRUE(all.x_min >= 0 && all.y_min >= 0 && all.x_max <= 1 && all.y_max <= 1) << name;
    }
}

TEST(EncoderPreprocess, APadsBoxIsWherePixelsAre) {
  const Geometry geometry = padded_square(100, 50, 0);  // 25 px above and below
  EXPECT_EQ(geometry, (Geometry{100, 50, 0, -25, 100, 100}));
  EXPECT_EQ(*box_to_model({0, 0, 1, 1}, geometry), (CropBox{0, 0.25, 1, 0.75}));
  EXPECT_EQ(box_to_original({0, 0.25, 1, 0.75}, geometry), (BoxNorm{0, 0, 1, 1}));
  EXPECT_EQ(box_to_original({0.5, 0.1, 0.8, 0.9}, geometry),
      (BoxNorm{0.5, 0, 0.8, 1}));  // what lies in the padding comes to the edge
}

TEST(EncoderPreprocess, SettingsOutOfRangeAreRefused) {
  const Image image = picture({{"width", 20}, {"height", 30}, {"channels", 3}});
  const auto refused = [&](const char* name, const std::function<void(PreprocessConfig&)>& change) {
    PreprocessConfig config = config_of(name);
    change(config);
    EXPECT_THROW(preprocess(image, config), Error) << name;
  };
  refused("medclip", [](PreprocessConfig& c) { c.pad_min_side = 100'000; });
  refused("medclip", [](PreprocessConfig& c) { c.pad_value = 256; });
  refused("medclip", [](PreprocessConfig& c) { std::swap(c.steps[0], c.steps[1]); });
  refused("medimageinsight, azure", [](PreprocessConfig& c) { c.standard_quality = 0; });
  refused("medimageinsight, azure", [](PreprocessConfig& c) { c.standard_px = 0; });
  EXPECT_THROW(crop_offset_from_name("up"), Error);
  EXPECT_THROW(encode_jpeg(image, 101), Error);
  Image strip = image;
  strip.width = 200'000;
  strip.height = 1;
  strip.data8.assign(600'000, 9);
  strip.data8[0] = 0;
  EXPECT_THROW(preprocess(strip, config_of("medclip")), Error);  // the square would have 40 gigapixels
}

}  // namespace
}  // namespace hilum
