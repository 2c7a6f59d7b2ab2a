#include "image/dicom_values.h"

#include <functional>
#include <span>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctagkey.h>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "image/decode.h"
#include "image/dicom_test_file.h"

namespace hilum {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

DecodedImage decode_values(const std::string& bytes) { return decode_image(std::as_bytes(std::span(bytes)), "case"); }

// A 64 x 64 film of 12 bits with values x + 64 y, so that no warning of its size stands among the others.
DicomTestFile values_film(const std::function<void(DicomTestFile&)>& add = [](DicomTestFile&) {}) {
  DicomTestFile file;
  file.add(0x0008, 0x0016, "UI", "1.2.840.10008.5.1.4.1.1.1").add_picture(64, 64, 16, 12);
  add(file);
  std::vector<int> values;
  for (int i = 0; i < 64 * 64; ++i) values.push_back(i);
  return file.add_pixels(values);
}

TEST(DicomDecimal, CommasThatCanOnlyBeThePoint) {
  struct Case {
    const char* text;
    double value;
    bool has_comma;
  };
  for (const Case& c : {Case{"1.5", 1.5, false}, {"+2", 2, false}, {"-.5", -.5, false}, {"1e3", 1000, false},
           {"1.", 1, false}, {"1,5", 1.5, true}, {"0,143", 0.143, true}, {"-1,25", -1.25, true}, {",5", .5, true},
           {"2000,500", 2000.5, true}, {"1,5e2", 150, true}}) {
    const DecimalText read = read_decimal_text(c.text);
    ASSERT_TRUE(read.value) << c.text;
    EXPECT_DOUBLE_EQ(*read.value, c.value) << c.text;
    EXPECT_EQ(read.has_comma, c.has_comma) << c.text;
  }
  for (const char* none : {"", "NaN", "inf", "-Infinity", "abc", "1.5mm", "1 000", "2,000.5", "1.234,5", "1,234,567",
           "2,048", "-1,500", "1,", ",", "0x10", "1e999", "--1", "+-1"})
    EXPECT_FALSE(read_decimal_text(none).value) << none;
}

TEST(DicomNumbers, WhatCannotBeReadIsSaidWithAttributeAndValue) {
  struct Case {
    uint16_t element;
    const char *name, *value;
  };
  for (const char* value : {"NaN", "inf", "abc", "2,048", "\\7"})
    for (const Case& c : {Case{0x1050, "Window Center (0028,1050)", value}, {0x1051, "Window Width (0028,1051)", value},
             {0x1052, "Rescale Intercept (0028,1052)", value}, {0x1053, "Rescale Slope (0028,1053)", value}}) {
      const DecodedImage got = decode_values(values_film([&](DicomTestFile& file) {
        for (const uint16_t element : {0x1050, 0x1051, 0x1052, 0x1053})
          file.add(0x0028, element, "DS", element == c.element ? c.value : element == 0x1052 ? "0" : "100");
      }).bytes());
      EXPECT_THAT(got.warnings, Contains(AllOf(HasSubstr(c.name), HasSubstr(c.value)))) << c.name << " " << value;
      EXPECT_THAT(got.steps, Contains(StartsWith("percentiles 1-99"))) << c.name << " " << value;
    }
}

TEST(DicomNumbers, AbsentAndEmptyOnesNeedNoWord) {
  for (const char* value : {"", " ", "\\"}) {
    const DecodedImage got = decode_values(values_film([&](DicomTestFile& file) {
      for (const uint16_t element : {0x0030, 0x1050, 0x1051, 0x1052, 0x1053}) file.add(0x0028, element, "DS", value);
    }).bytes());
    EXPECT_THAT(got.warnings, testing::IsEmpty()) << value;
    EXPECT_THAT(got.steps.front(), StartsWith("percentiles 1-99"));
  }
  EXPECT_THAT(decode_values(values_film().bytes()).warnings, testing::IsEmpty());
}

TEST(DicomNumbers, DecimalCommasAreReadAndSaid) {
  const auto with = [](const char* slope, const char* center, const char* width, const char* spacing) {
    return decode_values(values_film([&](DicomTestFile& file) {
      file.add(0x0028, 0x0030, "DS", spacing).add(0x0028, 0x1050, "DS", center).add(0x0028, 0x1051, "DS", width);
      file.add(0x0028, 0x1052, "DS", "-0,5").add(0x0028, 0x1053, "DS", slope);
    }).bytes());
  };
  const DecodedImage comma = with("0,5", "1000,5\\7", "500,5\\8", "0,143\\0,143");
  DecodedImage point = with("0.5", "1000.5\\7", "500.5\\8", "0.143\\0.143");
  EXPECT_EQ(comma.pixels.data8, point.pixels.data8);
  EXPECT_EQ(comma.metadata.spacing_mm, 0.143);
  EXPECT_THAT(comma.steps, Contains("window 1000.5/500.5 (linear, first of 2)"));
  for (const char* said : {"Pixel Spacing (0028,0030) of the DICOM file is \"0,143\"", "Rescale Slope",
           "Rescale Intercept", "Window Center", "Window Width"})
    EXPECT_THAT(comma.warnings, Contains(AllOf(HasSubstr(said), HasSubstr("decimal comma")))) << said;
  EXPECT_THAT(comma.warnings, Not(Contains(HasSubstr("is 0"))));
}

TEST(DicomNumbers, ImagerSpacingIsReadWhereTheOtherCannotBe) {
  const DecodedImage got = decode_values(values_film([](DicomTestFile& file) {
    file.add(0x0018, 0x1164, "DS", "0,2\\0,2").add(0x0028, 0x0030, "DS", "fine\\fine");
  }).bytes());
  EXPECT_EQ(got.metadata.spacing_mm, 0.2);
  EXPECT_THAT(got.warnings, Contains(AllOf(HasSubstr("Pixel Spacing (0028,0030)"), HasSubstr("\"fine\""))));
}

TEST(DicomCodes, LowerCaseMeansTheSameAndUnknownOnesAreSaid) {
  const auto with = [](const char* photometric, const char* shape, const char* function) {
    DicomTestFile file;
    file.add(0x0008, 0x0016, "UI", "1.2.840.10008.5.1.4.1.1.1").add_picture(64, 64, 16, 12, photometric);
    file.add(0x0028, 0x1050, "DS", "2000").add(0x0028, 0x1051, "DS", "900").add(0x0028, 0x1056, "CS", function);
    std::vector<int> values;
    for (int i = 0; i < 64 * 64; ++i) values.push_back(i);
    return decode_values(file.add(0x2050, 0x0020, "CS", shape).add_pixels(values).bytes());
  };
  const DecodedImage upper = with("MONOCHROME1", "INVERSE", "SIGMOID");
  EXPECT_EQ(with("monochrome1", "inverse", "sigmoid").pixels.data8, upper.pixels.data8);
  EXPECT_EQ(with("MonoChrome2", "Inverse", "Sigmoid").pixels.data8, upper.pixels.data8);
  EXPECT_THAT(with("MONOCHROME2", "IDENTITY", "LINEAR").warnings, testing::IsEmpty());
  const DecodedImage odd = with("MONOCHROME2", "INVERTED", "CUBIC");
  EXPECT_THAT(
      odd.warnings, Contains(AllOf(HasSubstr("Presentation LUT Shape (2050,0020)"), HasSubstr("\"INVERTED\""))));
  EXPECT_THAT(odd.warnings, Contains(AllOf(HasSubstr("VOI LUT Function (0028,1056)"), HasSubstr("\"CUBIC\""))));
  const Error error = expect_error([&] { with("PALETTE COLOR", "", ""); });
  EXPECT_THAT(error.what(), HasSubstr("\"PALETTE COLOR\""));
}

// Every attribute that makes the picture, once under VR UN.
TEST(DicomUnknownVr, TheDictionarysVrHolds) {
  const auto written = [](uint16_t group, uint16_t element) {
    DicomTestFile file;
    file.as_unknown(group, element).add(0x0008, 0x0016, "UI", "1.2.840.10008.5.1.4.1.1.1");
    file.add_picture(64, 64, 16, 12, "MONOCHROME1", true).add_us(0x0028, 0x0120, {-2048}, "SS");
    file.add(0x0028, 0x1050, "DS", "100").add(0x0028, 0x1051, "DS", "3000").add(0x0028, 0x1052, "DS", "-7");
    file.add(0x0028, 0x1053, "DS", "2").add(0x0028, 0x1056, "CS", "SIGMOID").add(0x2050, 0x0020, "CS", "INVERSE");
    std::vector<int> values;
    for (int i = 0; i < 64 * 64; ++i) values.push_back((i - 2048) & 0xfff);
    return file.add_pixels(values).bytes();
  };
  const DecodedImage plain = decode_values(written(0, 0));
  const std::pair<uint16_t, uint16_t> tags[] = {{0x28, 2}, {0x28, 4}, {0x28, 0x10}, {0x28, 0x11}, {0x28, 0x100},
      {0x28, 0x101}, {0x28, 0x102}, {0x28, 0x103}, {0x28, 0x120}, {0x28, 0x1050}, {0x28, 0x1051}, {0x28, 0x1052},
      {0x28, 0x1053}, {0x28, 0x1056}, {0x2050, 0x20}, {0x7fe0, 0x10}};
  for (const auto& [group, element] : tags) {
    const std::string bytes = written(group, element);
    ASSERT_NE(bytes, written(0, 0));
    const DecodedImage got = decode_values(bytes);
    EXPECT_EQ(got.pixels.data8, plain.pixels.data8) << std::hex << group << "," << element;
    EXPECT_EQ(got.steps, plain.steps) << std::hex << group << "," << element;
  }
}

TEST(DicomUnknownVr, SequencesAndTheirElementsToo) {
  const auto written = [](bool whole, uint16_t inner) {  // whole: its items explicit, against the standard
    DicomTestFile voi;
    voi.as_unknown(0x0028, inner).add_us(0x0028, 0x3002, {4, 0, 16}).add_us(0x0028, 0x3006, {0, 100, 30000, 65535});
    DicomTestFile file;
    if (whole) file.as_unknown(0x0028, 0x3010);
    return file.add_picture(4, 1, 8, 8).add_sequence(0x0028, 0x3010, voi).add_pixels({0, 1, 2, 3}, 8).bytes();
  };
  EXPECT_THAT(decode_values(written(false, 0)).pixels.data8, ElementsAre(0, 0, 117, 255));
  EXPECT_THAT(decode_values(written(false, 0x3006)).pixels.data8, ElementsAre(0, 0, 117, 255));
  EXPECT_THAT(decode_values(written(false, 0x3002)).pixels.data8, ElementsAre(0, 0, 117, 255));
  EXPECT_THAT(decode_values(written(true, 0)).pixels.data8, ElementsAre(0, 0, 117, 255));
  EXPECT_THAT(decode_values(written(true, 0x3006)).pixels.data8, ElementsAre(0, 0, 117, 255));
  DicomTestFile broken;
  broken.as_unknown(0x0028, 0x3010).add_picture(4, 1, 8, 8).add(0x0028, 0x3010, "SQ", "no items at all");
  EXPECT_THAT(decode_values(broken.add_pixels({0, 1, 2, 3}, 8).bytes()).warnings,
      Contains(AllOf(HasSubstr("VOI LUT Sequence (0028,3010)"), HasSubstr("VR UN"))));
}

TEST(DicomNames, AreTheStandardsInWords) {
  EXPECT_EQ(attribute_name(DcmTagKey(0x0028, 0x1053)), "Rescale Slope (0028,1053)");
  EXPECT_EQ(attribute_name(DcmTagKey(0x0028, 0x1056)), "VOI LUT Function (0028,1056)");
  EXPECT_EQ(attribute_name(DcmTagKey(0x0010, 0x0020)), "Patient ID (0010,0020)");
  EXPECT_EQ(quoted_value("a\nb\xff"), "\"a?b?\"");
  EXPECT_EQ(quoted_value(std::string(40, 'x')), "\"" + std::string(24, 'x') + "...\"");
}

}  // namespace
}  // namespace hilum
