// The pixel data against the header, in every codec: what the stream says decides, is refused or warned about.
#include "image/dicom_stream.h"

#include <algorithm>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openjpeg.h>
#include <turbojpeg.h>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "base/file.h"
#include "image/decode.h"
#include "image/dicom_test_file.h"

namespace hilum {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr int kWidth = 40, kHeight = 30;  // of testdata/image/dicom
constexpr const char* kJpegBaseline = "1.2.840.10008.1.2.4.50";
constexpr const char* kJ2k = "1.2.840.10008.1.2.4.91";
constexpr const char* kColour = "Photometric Interpretation (0028,0004)";

std::string stream_testdata(const std::string& name) {
  return read_file(HILUM_TESTDATA "/image/dicom/" + name + ".dcm");
}
DecodedImage decode_stream(const std::string& bytes) { return decode_image(std::as_bytes(std::span(bytes)), "case"); }

std::string refusal_of(const std::string& bytes) {
  const Error error = expect_error([&] { decode_stream(bytes); });
  EXPECT_THAT(error.mend(), AllOf(Not(IsEmpty()), Not(HasSubstr("opy the file")))) << error.what();
  return error.what();
}

std::vector<std::string> warnings_of(const DecodedImage& decoded) {
  std::vector<std::string> out;
  for (const std::string& warning : decoded.warnings)
    if (warning.find("too small") == std::string::npos) out.push_back(warning);
  return out;
}

std::vector<int> stored_values(const std::string& bytes) {
  const StoredPicture picture = read_dicom_stored(std::as_bytes(std::span(bytes)), "case");
  std::vector<int> values;
  for (const uint16_t cell : picture.frame.cells) values.push_back(picture.frame.bits.value(cell));
  return values;
}

// ---- size and components

TEST(DicomStream, AnotherSizeIsRefusedInEveryCodec) {
  for (const char* name : {"grey_jpeg_lossless", "grey_jpeg_sv1", "smooth_jpeg_extended", "rgb_jpeg_baseline",
           "grey_jpegls", "grey_jpegls_near", "rgb_jpegls", "grey_j2k_lossless", "smooth_j2k", "rgb_j2k_lossless"})
    for (const auto& [width, height] : {std::pair{39, 30}, {41, 30}, {40, 29}, {40, 31}, {80, 60}})
      EXPECT_THAT(refusal_of(with_us(with_us(stream_testdata(name), 0x28, 0x10, height), 0x28, 0x11, width)),
          AllOf(HasSubstr(std::to_string(width) + " x " + std::to_string(height)), HasSubstr("40 x 30"),
              HasSubstr("Rows (0028,0010)")))
          << name;
  for (const char* name : {"grey_rle", "rgb_rle"}) {
    EXPECT_THAT(
        refusal_of(with_us(stream_testdata(name), 0x28, 0x10, 29)), AllOf(HasSubstr("1200"), HasSubstr("1160")));
    EXPECT_THAT(
        refusal_of(with_us(stream_testdata(name), 0x28, 0x11, 39)), AllOf(HasSubstr("1200"), HasSubstr("1170")));
    EXPECT_THAT(
        refusal_of(with_us(stream_testdata(name), 0x28, 0x10, 31)), AllOf(HasSubstr("1200"), HasSubstr("1240")));
  }
}

TEST(DicomStream, AnotherNumberOfComponentsIsRefused) {
  for (const char* name : {"grey_jpeg_lossless", "grey_jpegls", "grey_j2k_lossless", "grey_rle"}) {
    std::string colour = with_value(with_us(stream_testdata(name), 0x28, 0x02, 3), 0x28, 0x04, "RGB");
    for (const auto& [element, value] : {std::pair{0x100, 8}, {0x101, 8}, {0x102, 7}})
      colour = with_us(colour, 0x28, static_cast<uint16_t>(element), value);
    EXPECT_THAT(refusal_of(colour), HasSubstr("Samples per Pixel (0028,0002)")) << name;
  }
  for (const char* name : {"rgb_jpeg_baseline", "rgb_jpegls", "rgb_j2k_lossless", "rgb_rle"})
    EXPECT_THAT(refusal_of(with_value(with_us(stream_testdata(name), 0x28, 0x02, 1), 0x28, 0x04, "MONOCHROME2")),
        HasSubstr("Samples per Pixel (0028,0002)"))
        << name;
}

// ---- bits

std::string with_bits(std::string file, int allocated, int stored) {
  file = with_us(std::move(file), 0x28, 0x100, allocated);
  return with_us(with_us(std::move(file), 0x28, 0x101, stored), 0x28, 0x102, stored - 1);
}

TEST(DicomStream, DeepStreamsUnderHeadersOfFewerBits) {
  for (const char* name : {"grey_jpeg_lossless", "grey_jpeg_sv1", "smooth_jpeg_extended", "grey_jpegls",
           "grey_j2k_lossless", "smooth_j2k"}) {
    const std::vector<int> right = stored_values(stream_testdata(name));
    EXPECT_THAT(warnings_of(decode_stream(stream_testdata(name))), IsEmpty()) << name;
    const bool in_twelve = std::string(name).starts_with("smooth_jpeg");  // the lossless streams have room for 16
    const std::string bits = in_twelve ? "12 bits" : "16 bits";
    for (const auto& [allocated, stored] : {std::pair{8, 8}, {16, 8}, {16, 10}}) {
      const std::string file = with_bits(stream_testdata(name), allocated, stored);
      EXPECT_EQ(stored_values(file), right) << name << " " << allocated << " " << stored;
      EXPECT_THAT(decode_stream(file).warnings, Contains(AllOf(HasSubstr("Bits Stored"), HasSubstr(bits)))) << name;
      EXPECT_THAT(decode_stream(file).steps, Contains("read as " + bits)) << name;
    }
    EXPECT_EQ(stored_values(with_bits(stream_testdata(name), 16, 16)), right)
        << name;  // precision below stored: as it is
  }
  EXPECT_THAT(refusal_of(with_bits(stream_testdata("grey_rle"), 8, 8)),
      AllOf(HasSubstr("2 segments"), HasSubstr("promises 1")));
}

std::string jpeg_of(int width, int height, bool colour, TJSAMP sampling) {
  std::vector<unsigned char> raw;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      raw.push_back(static_cast<unsigned char>(x * 3));
      if (colour) raw.insert(raw.end(), {static_cast<unsigned char>(y * 3), static_cast<unsigned char>(200 - x - y)});
    }
  tjhandle handle = tjInitCompress();
  unsigned char* data = nullptr;
  unsigned long size = 0;
  EXPECT_EQ(
      tjCompress2(handle, raw.data(), width, 0, height, colour ? TJPF_RGB : TJPF_GRAY, &data, &size, sampling, 95, 0),
      0);
  std::string out(reinterpret_cast<char*>(data), size);
  tjFree(data);
  tjDestroy(handle);
  return out;
}

std::string film_of(const std::string& stream, const std::string& syntax, int samples, const std::string& photometric,
    int allocated, int stored, bool is_signed = false) {
  DicomTestFile file;
  file.transfer_syntax = syntax;
  file.add(0x0008, 0x0016, "UI", "1.2.840.10008.5.1.4.1.1.7").add_us(0x28, 2, {samples});
  file.add(0x28, 4, "CS", photometric).add_us(0x28, 0x10, {64}).add_us(0x28, 0x11, {64});
  file.add_us(0x28, 0x100, {allocated}).add_us(0x28, 0x101, {stored}).add_us(0x28, 0x102, {stored - 1});
  return file.add_us(0x28, 0x103, {is_signed ? 1 : 0}).add_fragment(stream).bytes();
}

TEST(DicomStream, EightBitStreamsUnderSixteenBitHeaders) {
  const std::string jpeg = jpeg_of(64, 64, false, TJSAMP_GRAY);
  const auto film = [&](int allocated, int stored, bool is_signed = false) {
    return film_of(jpeg, kJpegBaseline, 1, "MONOCHROME2", allocated, stored, is_signed);
  };
  const std::vector<int> right = stored_values(film(8, 8));
  EXPECT_NEAR(right[63], 189, 3);
  EXPECT_THAT(warnings_of(decode_stream(film(8, 8))), IsEmpty());
  for (const int stored : {8, 12, 16}) {
    EXPECT_EQ(stored_values(film(16, stored)), right) << stored;
    EXPECT_THAT(decode_stream(film(16, stored)).warnings,
        Contains(AllOf(HasSubstr("Bits Allocated (0028,0100) 16"), HasSubstr("8 bits"))));
  }
  EXPECT_THAT(refusal_of(film(16, 12, true)), AllOf(HasSubstr("sign"), HasSubstr("8 bits")));
}

// ---- colour

// A stream without its JFIF segment, with an Adobe segment of that transform where it is not negative.
std::string with_marker(const std::string& jpeg, bool jfif, int adobe_transform) {
  std::string out = jpeg.substr(0, 2);
  if (jfif) out += jpeg.substr(2, 18);
  if (adobe_transform >= 0)
    out += std::string(
               "\xff\xee\0\x0e"
               "Adobe\0\x64\0\0\0\0",
               15) +
           static_cast<char>(adobe_transform);
  return out + jpeg.substr(20);  // SOI 2, APP0 18
}

// What the components of a 4:4:4 stream are, and what they are as RGB: by libjpeg-turbo alone.
struct Components {
  std::vector<uint8_t> raw, rgb;  // interleaved
};
Components components_of(const std::string& jpeg, int sampling) {
  Components out;
  tjhandle handle = tjInitDecompress();
  const auto* data = reinterpret_cast<const unsigned char*>(jpeg.data());
  out.rgb.resize(64 * 64 * 3);
  EXPECT_EQ(tjDecompress2(handle, data, jpeg.size(), out.rgb.data(), 64, 0, 64, TJPF_RGB, TJFLAG_ACCURATEDCT), 0);
  if (sampling == TJSAMP_444) {
    std::vector<uint8_t> planes(64 * 64 * 3);
    EXPECT_EQ(tjDecompressToYUV2(handle, data, jpeg.size(), planes.data(), 64, 1, 64, TJFLAG_ACCURATEDCT), 0);
    for (size_t i = 0; i < 64 * 64; ++i)
      for (size_t c = 0; c < 3; ++c) out.raw.push_back(planes[c * 64 * 64 + i]);
  }
  tjDestroy(handle);
  return out;
}

int largest_difference(const std::vector<uint8_t>& a, const std::vector<uint8_t>& b) {
  EXPECT_EQ(a.size(), b.size());
  int largest = 0;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

TEST(DicomColour, TheJpegStreamsMarkerDecides) {
  for (const TJSAMP sampling : {TJSAMP_444, TJSAMP_422, TJSAMP_420}) {
    const std::string jpeg = jpeg_of(64, 64, true, sampling);
    ASSERT_EQ(jpeg.substr(6, 4), "JFIF");
    const Components is = components_of(jpeg, sampling);
    for (const char* says : {"RGB", "YBR_FULL", "YBR_FULL_422"}) {
      const bool says_rgb = std::string(says) == "RGB";
      for (const auto& [jfif, adobe] : {std::pair{true, -1}, {false, 1}, {true, 1}}) {
        const DecodedImage got = decode_stream(film_of(with_marker(jpeg, jfif, adobe), kJpegBaseline, 3, says, 8, 8));
        EXPECT_LE(largest_difference(got.pixels.data8, is.rgb), 2) << says << jfif << adobe << sampling;
        if (says_rgb)
          EXPECT_THAT(got.warnings, Contains(AllOf(HasSubstr(kColour), HasSubstr("\"RGB\""), HasSubstr("YCbCr"))));
        else EXPECT_THAT(got.warnings, IsEmpty());
      }
      if (sampling != TJSAMP_444) continue;
      const DecodedImage rgb = decode_stream(film_of(with_marker(jpeg, false, 0), kJpegBaseline, 3, says, 8, 8));
      EXPECT_LE(largest_difference(rgb.pixels.data8, is.raw), 1) << says;
      if (says_rgb) EXPECT_THAT(rgb.warnings, IsEmpty());
      else EXPECT_THAT(rgb.warnings, Contains(AllOf(HasSubstr(kColour), HasSubstr(says), HasSubstr("Adobe"))));
      const DecodedImage unsaid = decode_stream(film_of(with_marker(jpeg, false, -1), kJpegBaseline, 3, says, 8, 8));
      EXPECT_LE(largest_difference(unsaid.pixels.data8, says_rgb ? is.raw : is.rgb), 2) << says;
      EXPECT_THAT(unsaid.warnings, IsEmpty());
    }
    if (sampling == TJSAMP_444) continue;
    const DecodedImage odd = decode_stream(film_of(with_marker(jpeg, false, -1), kJpegBaseline, 3, "RGB", 8, 8));
    EXPECT_THAT(odd.warnings, Contains(HasSubstr("subsampled")));
  }
}

TEST(DicomColour, FullComponentsAreNot422) {
  for (const char* name : {"rgb_jpegls", "rgb_rle"}) {
    const DecodedImage right = decode_stream(stream_testdata(name));
    const DecodedImage got = decode_stream(with_value(stream_testdata(name), 0x28, 4, "YBR_FULL_422"));
    EXPECT_EQ(got.pixels.data8, right.pixels.data8) << name;
    EXPECT_THAT(got.warnings, Contains(AllOf(HasSubstr(kColour), HasSubstr("\"YBR_FULL_422\""), HasSubstr("RGB"))))
        << name;
    // YBR_FULL is possible, and is converted.
    EXPECT_NE(decode_stream(with_value(stream_testdata(name), 0x28, 4, "YBR_FULL")).pixels.data8, right.pixels.data8)
        << name;
    EXPECT_THAT(refusal_of(with_value(stream_testdata(name), 0x28, 4, "YBR_ICT")), HasSubstr("\"YBR_ICT\"")) << name;
  }
  std::vector<uint8_t> grey, ycc, red;
  for (int i = 0; i < 300; ++i) {
    const auto v = static_cast<uint8_t>(i);
    grey.insert(grey.end(), {v, v, v});
    ycc.insert(ycc.end(), {v, 128, static_cast<uint8_t>(127 + i % 3)});
    red.insert(red.end(), {v, 100, 20});
  }
  EXPECT_FALSE(looks_like_grey_in_ycc(grey));
  EXPECT_TRUE(looks_like_grey_in_ycc(ycc));
  EXPECT_FALSE(looks_like_grey_in_ycc(red));
}

std::string j2k_of(bool transform, bool lossy) {
  opj_cparameters_t parameters;
  opj_set_default_encoder_parameters(&parameters);
  parameters.tcp_mct = transform ? 1 : 0;
  parameters.irreversible = lossy ? 1 : 0;
  parameters.tcp_numlayers = 1;
  parameters.tcp_rates[0] = lossy ? 2 : 0;
  parameters.cp_disto_alloc = 1;
  parameters.numresolution = 3;
  opj_image_cmptparm_t component{};
  component.dx = component.dy = 1;
  component.w = component.h = 64;
  component.prec = 8;
  opj_image_cmptparm_t components[3] = {component, component, component};
  opj_image_t* image = opj_image_create(3, components, OPJ_CLRSPC_SRGB);
  image->x1 = image->y1 = 64;
  for (int i = 0; i < 64 * 64; ++i) {
    image->comps[0].data[i] = i % 64 * 4;
    image->comps[1].data[i] = i / 64 * 3;
    image->comps[2].data[i] = 220 - i % 64 - i / 64;
  }
  opj_codec_t* codec = opj_create_compress(OPJ_CODEC_J2K);
  EXPECT_TRUE(opj_setup_encoder(codec, &parameters, image));
  std::string out;
  opj_stream_t* stream = opj_stream_create(1 << 16, OPJ_FALSE);
  opj_stream_set_user_data(stream, &out, nullptr);
  opj_stream_set_write_function(stream, [](void* data, OPJ_SIZE_T size, void* user) {
    static_cast<std::string*>(user)->append(static_cast<char*>(data), size);
    return size;
  });
  EXPECT_TRUE(opj_start_compress(codec, image, stream) && opj_encode(codec, stream) && opj_end_compress(codec, stream));
  opj_stream_destroy(stream);
  opj_destroy_codec(codec);
  opj_image_destroy(image);
  return out;
}

TEST(DicomColour, WhatJpeg2000TransformedIsRgb) {
  for (const bool lossy : {false, true}) {
    const DecodedImage right =
        decode_stream(film_of(j2k_of(true, lossy), kJ2k, 3, lossy ? "YBR_ICT" : "YBR_RCT", 8, 8));
    EXPECT_THAT(right.warnings, IsEmpty());
    const uint8_t* pixel = &right.pixels.data8[static_cast<size_t>(3 * (20 * 64 + 30))];
    EXPECT_NEAR(pixel[0], 120, 8);
    EXPECT_NEAR(pixel[1], 60, 8);
    EXPECT_NEAR(pixel[2], 170, 8);
    for (const char* says : {"RGB", "YBR_FULL", "YBR_FULL_422"}) {
      const DecodedImage got = decode_stream(film_of(j2k_of(true, lossy), kJ2k, 3, says, 8, 8));
      EXPECT_EQ(got.pixels.data8, right.pixels.data8) << says << lossy;
      if (std::string(says) == "RGB") EXPECT_THAT(got.warnings, IsEmpty());
      else EXPECT_THAT(got.warnings, Contains(AllOf(HasSubstr(kColour), HasSubstr(says), HasSubstr("RGB"))));
    }
    const DecodedImage plain = decode_stream(film_of(j2k_of(false, lossy), kJ2k, 3, "RGB", 8, 8));
    EXPECT_LE(largest_difference(plain.pixels.data8, right.pixels.data8), lossy ? 16 : 0);
    EXPECT_NE(decode_stream(film_of(j2k_of(false, lossy), kJ2k, 3, "YBR_FULL", 8, 8)).pixels.data8, plain.pixels.data8);
    for (const char* says : {"YBR_FULL_422", "YBR_RCT"}) {
      const DecodedImage got = decode_stream(film_of(j2k_of(false, lossy), kJ2k, 3, says, 8, 8));
      EXPECT_EQ(got.pixels.data8, plain.pixels.data8) << says;
      EXPECT_THAT(got.warnings, Contains(AllOf(HasSubstr(kColour), HasSubstr(says)))) << says;
    }
  }
}

// ---- uncompressed: nothing but the length

std::string native(int samples, const std::string& photometric, size_t bytes, bool implicit_frames = false) {
  DicomTestFile file;
  file.add(0x0008, 0x0016, "UI", "1.2.840.10008.5.1.4.1.1.7").add_us(0x28, 2, {samples});
  file.add(0x28, 4, "CS", photometric);
  if (implicit_frames) file.add(0x28, 8, "IS", "2");
  file.add_us(0x28, 0x10, {64}).add_us(0x28, 0x11, {64}).add_us(0x28, 0x100, {8}).add_us(0x28, 0x101, {8});
  std::vector<int> values;
  for (size_t i = 0; i < bytes; ++i) values.push_back(static_cast<int>(i * 7 % 251));
  return file.add_us(0x28, 0x102, {7}).add_us(0x28, 0x103, {0}).add_pixels(values, 8).bytes();
}

TEST(DicomNative, MultiplesOfThePromisedLengthAreRefused) {
  const size_t area = 64 * 64;
  for (const size_t times : {2, 3, 4})
    EXPECT_THAT(refusal_of(native(1, "MONOCHROME2", area * times)),
        AllOf(HasSubstr(std::to_string(area * times)), HasSubstr("promises 4096"),
            HasSubstr("Bits Allocated (0028,0100)")));
  EXPECT_THAT(refusal_of(native(3, "RGB", area * 6)), AllOf(HasSubstr("24576"), HasSubstr("12288")));
  for (const size_t extra : {0, 2, 30}) {
    EXPECT_THAT(decode_stream(native(1, "MONOCHROME2", area + extra)).warnings, IsEmpty()) << extra;
    EXPECT_THAT(decode_stream(native(3, "RGB", 3 * area + extra)).warnings, IsEmpty()) << extra;
  }
  EXPECT_THAT(decode_stream(native(1, "MONOCHROME2", area + 640)).warnings,
      Contains(AllOf(HasSubstr("4736"), HasSubstr("4096"))));
  EXPECT_THAT(decode_stream(native(1, "MONOCHROME2", area * 2, true)).warnings, Each(HasSubstr("2 frames")));
  EXPECT_THAT(
      decode_stream(native(1, "MONOCHROME2", area, true)).warnings, Contains(HasSubstr("later frames are missing")));
}

TEST(DicomNative, ThreeBytesAPixelAreNot422) {
  const size_t area = 64 * 64;
  const DecodedImage full = decode_stream(native(3, "YBR_FULL", 3 * area));
  for (const size_t extra : {0, 2}) {
    const DecodedImage got = decode_stream(native(3, "YBR_FULL_422", 3 * area + extra));
    EXPECT_EQ(got.pixels.data8, full.pixels.data8);
    EXPECT_THAT(
        got.warnings, Contains(AllOf(HasSubstr(kColour), HasSubstr("\"YBR_FULL_422\""), HasSubstr("YBR_FULL"))));
  }
  const DecodedImage real = decode_stream(native(3, "YBR_FULL_422", 2 * area));
  EXPECT_THAT(real.warnings, IsEmpty());
  EXPECT_EQ(real.pixels.data8.size(), 3 * area);
  EXPECT_THAT(refusal_of(native(3, "YBR_PARTIAL_420", 3 * area)), HasSubstr("\"YBR_PARTIAL_420\""));
}

// ---- high bit

TEST(DicomBits, AHighBitAboveTheStoredOnesIsCheckedOnTheValues) {
  DecodedImage decoded;
  const auto settled = [&](std::vector<uint16_t> cells, int stored, bool is_signed) {
    decoded = {};
    return settle_bits(cells, {16, stored, 15, is_signed}, nullptr, decoded).high_bit;
  };
  for (const int stored : {8, 10, 12, 14}) {
    const auto top = static_cast<uint16_t>((1 << stored) - 1);
    EXPECT_EQ(settled({1, 2, top}, stored, false), stored - 1);  // in the low bits
    EXPECT_THAT(decoded.warnings, Contains(HasSubstr("High Bit (0028,0102) 15 over Bits Stored")));
    EXPECT_EQ(settled({1, static_cast<uint16_t>(-3), 0}, stored, true), stored - 1);  // signed, the sign repeated
    const auto high = [&](int v) { return static_cast<uint16_t>(v << (16 - stored)); };
    EXPECT_EQ(settled({high(1), high(200), high(255)}, stored, false), 15);  // at the top, as the header says
    EXPECT_THAT(decoded.warnings, IsEmpty());
    EXPECT_EQ(settled({1, 0xffff}, stored, false), 15);  // in both: not to be decided
    EXPECT_THAT(decoded.warnings, Contains(HasSubstr("High Bit (0028,0102)")));
  }
  const StoredBits legal{16, 12, 11, false};
  decoded = {};
  EXPECT_EQ(settle_bits({0xf123}, legal, nullptr, decoded).value(0xf123), 0x123);  // what lies above stays masked
  EXPECT_THAT(decoded.warnings, IsEmpty());
}

TEST(DicomBits, ALittleAboveTheStoredBitsIsALossyStreamsOvershoot) {
  PixelStream stream;
  stream.codec = "JPEG extended";
  stream.precision = 12;
  stream.is_lossy = true;
  DecodedImage decoded;
  EXPECT_EQ(settle_bits({1027}, {16, 10, 9, false}, &stream, decoded).value(1027), 1027);  // and not 3
  EXPECT_THAT(decoded.warnings, IsEmpty());
  EXPECT_EQ(settle_bits({3000}, {16, 10, 9, false}, &stream, decoded).value(3000), 3000);
  EXPECT_THAT(decoded.warnings, Contains(HasSubstr("Bits Stored (0028,0101) 10")));
}

}  // namespace
}  // namespace hilum
