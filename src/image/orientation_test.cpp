#include "image/orientation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <png.h>
#include <turbojpeg.h>

#include "image/decode.h"
#include "image/jpeg_header.h"

namespace hilum {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string tiff_of(int orientation, bool big, int entries_before = 0) {
  std::string out = big ? "MM" : "II";
  const auto put = [&](uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> 8 * (big ? bytes - 1 - i : i));
  };
  put(42, 2);
  put(8, 4);
  put(static_cast<uint32_t>(entries_before) + 1, 2);
  for (int i = 0; i < entries_before; ++i) {  // image width
    put(0x100, 2);
    put(4, 2);
    put(1, 4);
    put(64, 4);
  }
  put(0x112, 2);
  put(3, 2);
  put(1, 4);
  put(static_cast<uint32_t>(orientation), 2);
  put(0, 2);
  put(0, 4);
  return out;
}

int orientation_in(const std::string& tiff) { return read_exif_orientation(std::as_bytes(std::span(tiff))); }

TEST(Orientation, TheTagIsReadInBothByteOrders) {
  for (int value = 0; value <= 9; ++value)
    for (const bool big : {false, true}) EXPECT_EQ(orientation_in(tiff_of(value, big, value)), value);
  const std::string whole = tiff_of(6, true, 2);
  for (size_t size = 0; size + 6 < whole.size(); ++size) EXPECT_EQ(orientation_in(whole.substr(0, size)), 0) << size;
  EXPECT_EQ(orientation_in("not a tiff header at all"), 0);
}

// A picture of 3 x 2 with the letters A B C / D E F; what a viewer shows by the table of the EXIF standard.
TEST(Orientation, AllEightAsTheStandardDrawsThem) {
  Image stored;
  stored.width = 3;
  stored.height = 2;
  stored.data8 = {'A', 'B', 'C', 'D', 'E', 'F'};
  const char* right[] = {
      "", "ABC|DEF", "CBA|FED", "FED|CBA", "DEF|ABC", "AD|BE|CF", "DA|EB|FC", "FC|EB|DA", "CF|BE|AD"};
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const Image got = upright(stored, orientation);
    std::string rows;
    for (size_t i = 0; i < got.data8.size(); ++i) {
      if (i > 0 && i % static_cast<size_t>(got.width) == 0) rows += '|';
      rows += static_cast<char>(got.data8[i]);
    }
    EXPECT_EQ(rows, right[orientation]) << orientation;
    EXPECT_EQ(got.height, orientation > 4 ? 3 : 2);
  }
  stored.channels = 3;
  stored.width = 2;
  stored.height = 1;
  EXPECT_THAT(upright(stored, 6).data8, ElementsAre('A', 'B', 'C', 'D', 'E', 'F'));
  EXPECT_EQ(upright(stored, 6).height, 2);
  EXPECT_THAT(upright(stored, 2).data8, ElementsAre('D', 'E', 'F', 'A', 'B', 'C'));
  Image deep;
  deep.bits = 16;
  deep.width = 2;
  deep.height = 1;
  deep.data16 = {1000, 2000};
  EXPECT_THAT(upright(deep, 2).data16, ElementsAre(2000, 1000));
}

DecodedImage decode_turned(const std::string& bytes) { return decode_image(std::as_bytes(std::span(bytes)), "case"); }

std::string jpeg_with(const std::string& exif) {
  std::vector<unsigned char> raw;
  for (int i = 0; i < 96 * 64; ++i) raw.push_back(static_cast<unsigned char>(i % 96 + i / 96 * 2));
  tjhandle handle = tjInitCompress();
  unsigned char* data = nullptr;
  unsigned long size = 0;
  EXPECT_EQ(tjCompress2(handle, raw.data(), 96, 0, 64, TJPF_GRAY, &data, &size, TJSAMP_GRAY, 95, 0), 0);
  std::string out(reinterpret_cast<char*>(data), size);
  tjFree(data);
  tjDestroy(handle);
  if (exif.empty()) return out;
  const std::string body = std::string("Exif\0\0", 6) + exif;
  const auto length = static_cast<uint16_t>(body.size() + 2);
  return out.substr(0, 20) + "\xff\xe1" + static_cast<char>(length >> 8) + static_cast<char>(length & 255) + body +
         out.substr(20);
}

std::string png_with(const std::string& exif, bool behind_pixels) {
  std::string out;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(
      png, &out,
      [](png_structp p, png_bytep data, size_t size) {
        static_cast<std::string*>(png_get_io_ptr(p))->append(reinterpret_cast<char*>(data), size);
      },
      nullptr);
  png_set_IHDR(png, info, 96, 64, 16, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE, 0, 0);
  std::string bytes = exif;
  const auto set = [&] {
    if (!exif.empty())
      png_set_eXIf_1(png, info, static_cast<png_uint_32>(bytes.size()), reinterpret_cast<png_bytep>(bytes.data()));
  };
  if (!behind_pixels) set();
  png_write_info(png, info);
  for (int y = 0; y < 64; ++y) {
    std::string row;
    for (int x = 0; x < 96; ++x) row += {static_cast<char>(y), static_cast<char>(x)};
    png_write_row(png, reinterpret_cast<png_const_bytep>(row.data()));
  }
  if (behind_pixels) set();
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return out;
}

TEST(Orientation, JpegAndPngAreTurnedUpright) {
  const Image jpeg = decode_turned(jpeg_with("")).pixels, png = decode_turned(png_with("", false)).pixels;
  EXPECT_THAT(decode_turned(jpeg_with("")).steps, IsEmpty());
  for (int value = 0; value <= 9; ++value)
    for (const bool big : {false, true}) {
      const std::string exif = tiff_of(value, big);
      const int turn = value < 1 || value > 8 ? 1 : value;
      const DecodedImage a = decode_turned(jpeg_with(exif)), b = decode_turned(png_with(exif, big));
      EXPECT_EQ(a.pixels.data8, upright(jpeg, turn).data8) << value;
      EXPECT_EQ(b.pixels.data16, upright(png, turn).data16) << value;
      EXPECT_EQ(a.pixels.width, turn > 4 ? 64 : 96);
      EXPECT_EQ(b.pixels.height, turn > 4 ? 96 : 64);
      const std::string step = "exif orientation " + std::to_string(value);
      for (const DecodedImage* got : {&a, &b})
        EXPECT_EQ(!got->steps.empty() && got->steps.back().starts_with(step), turn > 1);
      EXPECT_EQ(a.warnings.size(), value == 9 ? 1u : 0u);
    }
}

TEST(JpegHeader, SaysWhatTheSegmentsSay) {
  const std::string bytes = jpeg_with(tiff_of(3, false));
  const JpegHeader header = read_jpeg_header(std::as_bytes(std::span(bytes)));
  ASSERT_TRUE(header.frame);
  EXPECT_EQ(header.frame->width, 96);
  EXPECT_EQ(header.frame->height, 64);
  EXPECT_EQ(header.frame->components, 1);
  EXPECT_EQ(header.frame->precision, 8);
  EXPECT_TRUE(header.jfif);
  EXPECT_FALSE(header.adobe_transform);
  EXPECT_EQ(read_exif_orientation(header.exif), 3);
  for (size_t size = 0; size < 60; ++size) {  // cut anywhere: no frame, no crash
    const std::string cut = bytes.substr(0, size);
    EXPECT_FALSE(read_jpeg_header(std::as_bytes(std::span(cut))).frame) << size;
  }
}

}  // namespace
}  // namespace hilum
