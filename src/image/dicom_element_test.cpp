// How a data set is encoded and where it ends, whatever its file says of that.
#include "image/dicom_element.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "base/file.h"
#include "image/decode.h"
#include "image/dicom_head.h"
#include "image/dicom_test_file.h"

namespace hilum {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kImplicit = "1.2.840.10008.1.2";
constexpr const char* kExplicit = "1.2.840.10008.1.2.1";
constexpr const char* kBigEndian = "1.2.840.10008.1.2.2";

std::string element_testdata(const std::string& name) {
  return read_file(HILUM_TESTDATA "/image/dicom/" + name + ".dcm");
}
DecodedImage decode_element(const std::string& bytes) { return decode_image(std::as_bytes(std::span(bytes)), "case"); }
std::vector<std::string> element_warnings(const std::string& bytes) {
  std::vector<std::string> out = decode_element(bytes).warnings;
  std::erase_if(out, [](const std::string& w) { return w.find("too small") != std::string::npos; });
  return out;
}

std::string data_set_of(const std::string& file) {
  return file.substr(read_dicom_head(std::as_bytes(std::span(file)), "case").data_set);
}
// The data set of a file behind a meta group that says `syntax`; empty: a meta group that does not say.
std::string called(const std::string& file, const std::string& syntax) {
  DicomTestFile meta;
  meta.preamble = false;
  if (syntax.empty()) meta.add(0x0002, 0x0012, "UI", "1.2.3");
  else meta.add(0x0002, 0x0010, "UI", syntax);
  return std::string(128, '\0') + "DICM" + meta.bytes() + data_set_of(file);
}

TEST(DicomEncoding, IsFoundByTheFirstElements) {
  const std::vector<uint8_t> right = decode_element(element_testdata("grey_explicit")).pixels.data8;
  for (const auto& [name, syntax] :
      {std::pair{"grey_explicit", kExplicit}, {"grey_implicit", kImplicit}, {"grey_big_endian", kBigEndian}}) {
    const std::string file = element_testdata(name);
    EXPECT_EQ(decode_element(data_set_of(file)).pixels.data8, right) << name;  // a bare data set
    EXPECT_THAT(element_warnings(data_set_of(file)), IsEmpty()) << name;
    EXPECT_EQ(decode_element(called(file, "")).pixels.data8, right) << name;
    for (const char* said : {kExplicit, kImplicit, kBigEndian, "1.2.840.10008.1.2.1.99"}) {
      EXPECT_EQ(decode_element(called(file, said)).pixels.data8, right) << name << " called " << said;
      if (said == std::string(syntax)) EXPECT_THAT(element_warnings(called(file, said)), IsEmpty());
      else
        EXPECT_THAT(element_warnings(called(file, said)), Contains(AllOf(HasSubstr(said), HasSubstr("data set is in"),
                                                              HasSubstr("Transfer Syntax UID (0002,0010)"))));
    }
  }
}

TEST(DicomEncoding, WhatCannotBeBothIsRefusedByName) {
  const auto refusal = [](const std::string& file) {
    const Error error = expect_error([&] { decode_element(file); });
    EXPECT_THAT(error.mend(), AllOf(HasSubstr("Transfer Syntax UID"), Not(HasSubstr("opy")))) << error.what();
    return std::string(error.what());
  };
  EXPECT_THAT(refusal(called(element_testdata("grey_implicit"), "1.2.840.10008.1.2.4.70")),
      AllOf(HasSubstr("JPEG lossless"), HasSubstr("implicit little endian")));
  EXPECT_THAT(refusal(called(element_testdata("grey_jpeg_sv1"), kExplicit)),
      AllOf(HasSubstr("explicit little endian"), HasSubstr("compressed")));
  EXPECT_THAT(refusal(called(element_testdata("grey_explicit"), "1.2.840.10008.1.2.4.70")),
      AllOf(HasSubstr("JPEG lossless"), HasSubstr("uncompressed")));
  EXPECT_THAT(refusal(data_set_of(element_testdata("grey_jpeg_sv1"))), HasSubstr("compressed"));
}

TEST(DicomEncoding, ALengthThatLooksLikeAVrIsALengthInImplicitFiles) {
  // 0x00004f42 bytes of pixels: "BO" where an explicit file has a VR.
  const int width = 0x4f42 / 2, height = 1;
  std::string file;
  const auto put = [&](uint32_t tag_group, uint32_t tag_element, const std::string& value) {
    for (const uint32_t half : {tag_group, tag_element, static_cast<uint32_t>(value.size() & 0xffff),
             static_cast<uint32_t>(value.size() >> 16)}) {
      file += static_cast<char>(half & 255);
      file += static_cast<char>(half >> 8);
    }
    file += value;
  };
  const auto us = [](int v) { return std::string{static_cast<char>(v & 255), static_cast<char>(v >> 8)}; };
  put(0x08, 0x16, std::string("1.2.840.10008.5.1.4.1.1.1\0", 26));
  put(0x28, 0x02, us(1));
  put(0x28, 0x04, "MONOCHROME2 ");
  put(0x28, 0x10, us(height));
  put(0x28, 0x11, us(width));
  for (const auto& [element, value] : {std::pair{0x100, 16}, {0x101, 16}, {0x102, 15}, {0x103, 0}})
    put(0x28, static_cast<uint32_t>(element), us(value));
  std::string pixels;
  for (int i = 0; i < width; ++i) pixels += us(i * 7 & 0xffff);
  put(0x7fe0, 0x10, pixels);
  EXPECT_EQ(decode_element(file).pixels.width, width);
}

TEST(DicomEnd, ZerosBehindTheDataSetAreNoFault) {
  for (const char* name : {"grey_explicit", "grey_implicit", "grey_big_endian", "grey_no_preamble", "grey_jpeg_sv1",
           "grey_jpegls", "grey_rle", "grey_j2k_lossless"}) {
    const std::string file = element_testdata(name);
    const DecodedImage right = decode_element(file);
    for (const size_t zeros : {1, 2, 3, 7, 8, 9, 12, 100, 511}) {
      const DecodedImage got = decode_element(file + std::string(zeros, '\0'));
      EXPECT_EQ(got.pixels.data8, right.pixels.data8) << name << " " << zeros;
      EXPECT_EQ(got.warnings, right.warnings) << name << " " << zeros;
    }
  }
}

TEST(DicomEnd, OtherBytesBehindThePixelsAreLeftOutWithAWarning) {
  for (const char* name : {"grey_explicit", "grey_implicit", "grey_big_endian", "grey_jpeg_sv1"}) {
    const std::string file = element_testdata(name);
    for (const std::string& rest : {std::string("\r\n"), std::string("--boundary--\r\n"), std::string("x"),
             std::string("\xfc\xff\xfc\xffOB\0\0\xff\0\0\0too short", 21)}) {
      EXPECT_EQ(decode_element(file + rest).pixels.data8, decode_element(file).pixels.data8) << name;
      EXPECT_THAT(element_warnings(file + rest), Contains(HasSubstr("behind its pixel data"))) << name;
    }
  }
  const std::string padded =
      element_testdata("grey_explicit") + std::string("\xfc\xff\xfc\xffOB\0\0\x04\0\0\0\1\2\3\4", 16);
  EXPECT_THAT(element_warnings(padded), IsEmpty());  // Data Set Trailing Padding
}

TEST(DicomEnd, CompressedPixelsWithoutTheirDelimiterAreRead) {
  for (const char* name : {"grey_jpeg_lossless", "grey_jpeg_sv1", "smooth_jpeg_extended", "rgb_jpeg_baseline",
           "grey_jpegls", "grey_rle", "grey_j2k_lossless"}) {
    const std::string file = element_testdata(name);
    const size_t at = file.rfind(std::string("\xfe\xff\xdd\xe0\0\0\0\0", 8));
    ASSERT_NE(at, std::string::npos) << name;
    const std::string without = file.substr(0, at);
    for (const std::string& end : {std::string(), std::string(8, '\0'), std::string(3, '\0'), std::string(100, '\0'),
             std::string("\xfe\xff\xdd\xe0", 4)}) {
      EXPECT_EQ(decode_element(without + end).pixels.data8, decode_element(file).pixels.data8) << name;
      EXPECT_THAT(element_warnings(without + end), Contains(HasSubstr("Sequence Delimitation Item (FFFE,E0DD)")))
          << name;
    }
    EXPECT_THROW(decode_element(without.substr(0, without.size() - 40)), Error)
        << name;  // a cut fragment is no picture
  }
}

}  // namespace
}  // namespace hilum
