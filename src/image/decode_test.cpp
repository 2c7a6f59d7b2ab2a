#include "image/decode.h"

#include <cstdlib>
#include <filesystem>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <png.h>
#include <turbojpeg.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "base/file.h"
#include "image/grey.h"

namespace hilum {
namespace {

DecodedImage decode_picture(const std::string& bytes) { return decode_image(std::as_bytes(std::span(bytes)), "case"); }

// The problem that decoding `bytes` reports; fails the test when it decodes or reports no mend.
std::string picture_problem(const std::string& bytes) {
  const Error error = expect_error([&] { decode_picture(bytes); });
  EXPECT_EQ(error.where(), "case");
  EXPECT_FALSE(error.mend().empty()) << error.what();
  return error.problem();
}

struct PngForm {
  int width, height, depth, color_type;
  bool interlaced = false;
};

// A PNG with the given raw rows (packed as the form says, 16-bit values big-endian).
std::string make_png(const PngForm& form, const std::vector<std::string>& rows) {
  std::string out;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(
      png, &out,
      [](png_structp p, png_bytep data, size_t size) {
        static_cast<std::string*>(png_get_io_ptr(p))->append(reinterpret_cast<char*>(data), size);
      },
      nullptr);
  png_set_IHDR(png, info, static_cast<png_uint_32>(form.width), static_cast<png_uint_32>(form.height), form.depth,
      form.color_type, form.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, 0, 0);
  const png_color palette[4] = {{0, 0, 0}, {255, 0, 0}, {0, 255, 0}, {1, 2, 3}};
  const png_byte transparent[2] = {0, 9};
  if (form.color_type == PNG_COLOR_TYPE_PALETTE) {
    png_set_PLTE(png, info, palette, 4);
    png_set_tRNS(png, info, transparent, 2, nullptr);
  }
  png_write_info(png, info);
  std::vector<png_bytep> pointers;
  for (const std::string& row : rows) pointers.push_back(reinterpret_cast<png_bytep>(const_cast<char*>(row.data())));
  png_write_image(png, pointers.data());
  png_write_end(png, nullptr);
  png_destroy_write_struct(&png, &info);
  return out;
}

std::string grey_png(int width, int height) {
  std::vector<std::string> rows(static_cast<size_t>(height));
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) rows[static_cast<size_t>(y)].push_back(static_cast<char>(x * 3 + y * 5));
  return make_png({width, height, 8, PNG_COLOR_TYPE_GRAY}, rows);
}

std::string make_jpeg(int width, int height, TJPF pixels, TJSAMP sampling, int flags = 0) {
  std::vector<unsigned char> raw(static_cast<size_t>(width * height * tjPixelSize[pixels]));
  for (size_t i = 0; i < raw.size(); ++i) raw[i] = static_cast<unsigned char>((i * 7) & 255);
  tjhandle handle = tjInitCompress();
  unsigned char* data = nullptr;
  unsigned long size = 0;
  EXPECT_EQ(tjCompress2(handle, raw.data(), width, 0, height, pixels, &data, &size, sampling, 90, flags), 0);
  std::string out(reinterpret_cast<char*>(data), size);
  tjFree(data);
  tjDestroy(handle);
  return out;
}

TEST(Png, EveryGreyDepthComesOutAsTheReferenceReadsIt) {
  const std::vector<uint8_t> eight[] = {{0, 255, 255, 0}, {0, 85, 170, 255}, {0, 17, 136, 255}, {3, 7, 200, 255}};
  const std::string rows[] = {
      std::string("\x60"), std::string("\x1b"), std::string("\x01\x8f", 2), std::string("\x03\x07\xc8\xff", 4)};
  for (int i = 0; i < 4; ++i) {
    const DecodedImage got = decode_picture(make_png({4, 1, 1 << i, PNG_COLOR_TYPE_GRAY}, {rows[i]}));
    EXPECT_EQ(got.pixels.data8, eight[i]);
    EXPECT_EQ(got.pixels.channels, 1);
    EXPECT_EQ(got.steps.empty(), i == 3);
  }
  const DecodedImage deep =
      decode_picture(make_png({2, 1, 16, PNG_COLOR_TYPE_GRAY}, {std::string("\x12\x34\xff\x01", 4)}));
  EXPECT_EQ(deep.pixels.bits, 16);
  EXPECT_EQ(deep.pixels.data16, (std::vector<uint16_t>{0x1234, 0xff01}));
  EXPECT_EQ(deep.metadata.format, "png");
}

TEST(Png, AlphaIsIgnoredNotBlended) {
  const DecodedImage grey =
      decode_picture(make_png({2, 1, 8, PNG_COLOR_TYPE_GRAY_ALPHA}, {std::string("\x20\x00\x40\x80", 4)}));
  EXPECT_EQ(grey.pixels.data8, (std::vector<uint8_t>{0x20, 0x40}));
  EXPECT_EQ(grey.steps, std::vector<std::string>{"alpha ignored"});
  const DecodedImage colour =
      decode_picture(make_png({1, 1, 8, PNG_COLOR_TYPE_RGB_ALPHA}, {std::string("\x01\x02\x03\x00", 4)}));
  EXPECT_EQ(colour.pixels.data8, (std::vector<uint8_t>{1, 2, 3}));
  EXPECT_EQ(grey.pixels.alpha8, (std::vector<uint8_t>{0x00, 0x80}));  // kept beside, for those who ask for it
  EXPECT_EQ(colour.pixels.alpha8, (std::vector<uint8_t>{0}));
  EXPECT_TRUE(decode_picture(make_png({1, 1, 8, PNG_COLOR_TYPE_GRAY_ALPHA}, {std::string("\x20\xff", 2)}))
          .pixels.alpha8.empty());
  const DecodedImage deep =
      decode_picture(make_png({1, 1, 16, PNG_COLOR_TYPE_GRAY_ALPHA}, {std::string("\x12\x34\x00\x00", 4)}));
  EXPECT_EQ(deep.pixels.data16, std::vector<uint16_t>{0x1234});
  EXPECT_TRUE(deep.pixels.alpha8.empty());
}

TEST(Png, PaletteWithTransparencyBecomesRgb) {
  const DecodedImage got = decode_picture(make_png({4, 1, 2, PNG_COLOR_TYPE_PALETTE}, {std::string("\x1b")}));
  EXPECT_EQ(got.pixels.channels, 3);
  EXPECT_EQ(got.pixels.data8, (std::vector<uint8_t>{0, 0, 0, 255, 0, 0, 0, 255, 0, 1, 2, 3}));
}

TEST(Png, SixteenBitColourBecomesSixteenBitGrey) {
  const DecodedImage got =
      decode_picture(make_png({1, 1, 16, PNG_COLOR_TYPE_RGB}, {std::string("\xff\xff\x00\x00\x80\x00", 6)}));
  EXPECT_EQ(got.pixels.channels, 1);
  EXPECT_EQ(got.pixels.data16, (std::vector<uint16_t>{23330}));  // (19595 * 65535 + 7471 * 32768 + 32768) >> 16
}

TEST(Png, InterlacedEqualsPlain) {
  std::vector<std::string> rows(13, std::string(17, ' '));
  for (size_t y = 0; y < 13; ++y)
    for (size_t x = 0; x < 17; ++x) rows[y][x] = static_cast<char>(x * 11 + y * 17);
  EXPECT_EQ(decode_picture(make_png({17, 13, 8, PNG_COLOR_TYPE_GRAY, true}, rows)).pixels.data8,
      decode_picture(make_png({17, 13, 8, PNG_COLOR_TYPE_GRAY}, rows)).pixels.data8);
}

TEST(Png, EveryTruncationIsAnErrorNotACrash) {
  const std::string whole = grey_png(40, 30);
  for (size_t length = 8; length < whole.size(); ++length)
    EXPECT_NE(picture_problem(whole.substr(0, length)).find("PNG"), std::string::npos) << length;
}

TEST(Png, EveryFlippedByteDecodesOrIsAnError) {
  const std::string whole = grey_png(20, 9);
  for (size_t i = 8; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x55);
    try {
      decode_picture(damaged);
    } catch (const Error&) {
    }
  }
}

// A header of any size, with a right checksum and no pixels: must be refused for its size, before allocation.
std::string png_header(uint32_t width, uint32_t height) {
  std::string chunk = "IHDR";
  for (uint32_t side : {width, height})
    for (int shift = 24; shift >= 0; shift -= 8) chunk.push_back(static_cast<char>(side >> shift));
  chunk += std::string("\x08\x00\x00\x00\x00", 5);
  uint32_t crc = 0xffffffff;
  for (unsigned char c : chunk) {
    crc ^= c;
    for (int k = 0; k < 8; ++k) crc = (crc >> 1) ^ (0xedb88320u & (0u - (crc & 1)));
  }
  crc = ~crc;
  std::string out = "\x89PNG\r\n\x1a\n" + std::string("\0\0\0\x0d", 4) + chunk;
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(crc >> shift));
  return out + std::string("\0\0\0\0IDAT\x35\xaf\x06\x1e", 12);
}

TEST(Png, AbsurdSizesAreRefusedFromTheHeader) {
  for (const auto& [width, height] :
      {std::pair{10001u, 10000u}, {1000001u, 1u}, {0x7fffffffu, 0x7fffffffu}, {2u, 0x7fffffffu}})
    EXPECT_NE(picture_problem(png_header(width, height)).find("megapixels"), std::string::npos) << width;
  EXPECT_NE(picture_problem(png_header(0, 5)).find("PNG"), std::string::npos);
}

TEST(Jpeg, GreyStaysGreyAndColourBecomesRgb) {
  const DecodedImage grey = decode_picture(make_jpeg(70, 66, TJPF_GRAY, TJSAMP_GRAY));
  EXPECT_EQ(grey.pixels.channels, 1);
  EXPECT_EQ(grey.pixels.width, 70);
  EXPECT_EQ(grey.pixels.height, 66);
  EXPECT_EQ(grey.metadata.format, "jpeg");
  EXPECT_TRUE(grey.warnings.empty());
  EXPECT_EQ(decode_picture(make_jpeg(70, 66, TJPF_RGB, TJSAMP_420)).pixels.data8.size(), 70u * 66 * 3);
  EXPECT_EQ(decode_picture(make_jpeg(70, 66, TJPF_RGB, TJSAMP_420, TJFLAG_PROGRESSIVE)).pixels.channels, 3);
}

TEST(Jpeg, CmykIsRefusedByName) {
  EXPECT_NE(picture_problem(make_jpeg(16, 16, TJPF_CMYK, TJSAMP_444)).find("CMYK"), std::string::npos);
}

TEST(Jpeg, TruncationIsAnError) {
  const std::string whole = make_jpeg(64, 64, TJPF_GRAY, TJSAMP_GRAY);
  for (size_t length = 3; length + 2 < whole.size(); ++length)
    EXPECT_THAT(picture_problem(whole.substr(0, length)), testing::HasSubstr("JPEG")) << length;
}

TEST(Jpeg, AbsurdSizesAreRefusedFromTheHeader) {
  std::string bytes = make_jpeg(16, 16, TJPF_GRAY, TJSAMP_GRAY);
  const size_t frame = bytes.find("\xff\xc0");
  ASSERT_NE(frame, std::string::npos);
  bytes.replace(frame + 5, 4, "\xff\x00\xff\x00", 4);
  EXPECT_NE(picture_problem(bytes).find("megapixels"), std::string::npos);
}

TEST(Decode, OtherContentIsNamedOrRefused) {
  EXPECT_EQ(picture_problem(""), "is empty");
  EXPECT_NE(picture_problem("GIF89a........").find("GIF"), std::string::npos);
  EXPECT_NE(picture_problem(std::string("II*\0....", 8)).find("TIFF"), std::string::npos);
  EXPECT_NE(picture_problem("%PDF-1.4").find("PDF"), std::string::npos);
  EXPECT_NE(picture_problem("hello, world").find("not a PNG"), std::string::npos);
  EXPECT_NE(picture_problem("\x89").find("not a PNG"), std::string::npos);
  EXPECT_THROW(decode_image_file("/nowhere/at/all.png"), Error);
}

TEST(Decode, TinyPicturesWarn) {
  EXPECT_EQ(decode_picture(grey_png(1, 2)).warnings.size(), 1u);
  EXPECT_TRUE(decode_picture(grey_png(64, 64)).warnings.empty());
}

TEST(Decode, RealImagesEqualPillow) {
  const fs::path folder = fs::path(HILUM_SHARED) / "data/images";
  if (!fs::exists(folder)) GTEST_SKIP() << "the real test images are not here: " << folder;
  const auto golden = nlohmann::json::parse(read_file(HILUM_TESTDATA "/image/pillow.json"));
  EXPECT_EQ(golden["decoded_grey"].size(), 50u);
  for (const auto& [name, row] : golden["decoded_grey"].items()) {
    const DecodedImage got = decode_image_file(folder / name);
    const Image grey = to_grey(got.pixels);
    EXPECT_EQ(grey.width, row["width"].get<int>()) << name;
    EXPECT_EQ(grey.height, row["height"].get<int>()) << name;
    EXPECT_EQ(sha256_hex({reinterpret_cast<const char*>(grey.data8.data()), grey.data8.size()}),
        row["sha256"].get<std::string>())
        << name;
  }
}

}  // namespace
}  // namespace hilum
