#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "base/file.h"
#include "image/decode.h"
#include "image/dicom_frame.h"
#include "image/dicom_test_file.h"
#include "image/resample.h"

namespace hilum {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const char* const kCr = "1.2.840.10008.5.1.4.1.1.1";

DecodedImage decode_dicom(const std::string& bytes) { return decode_image(std::as_bytes(std::span(bytes)), "case"); }

std::string problem_of(const std::string& bytes) {
  const Error error = expect_error([&] { decode_dicom(bytes); });
  EXPECT_FALSE(error.mend().empty()) << error.what();
  return error.problem();
}

DicomTestFile file_of(const std::string& sop_class = kCr) {
  return DicomTestFile().add(0x0008, 0x0016, "UI", sop_class);
}

// The warnings beside that of the tiny size.
std::vector<std::string> dicom_warnings(const DecodedImage& decoded) {
  std::vector<std::string> out;
  for (const std::string& warning : decoded.warnings)
    if (warning.find("too small") == std::string::npos) out.push_back(warning);
  return out;
}

// ---- transfer syntaxes: testdata/image/dicom, formulas in scripts/golden/dicom_base.py
// ----------------------------------------

constexpr int kDicomWidth = 40, kDicomHeight = 30;

StoredPicture stored(const std::string& name) {
  const std::string bytes = read_file(std::string(HILUM_TESTDATA "/image/dicom/") + name + ".dcm");
  return read_dicom_stored(std::as_bytes(std::span(bytes)), name);
}

// The largest difference between a file's stored values and a formula of x and y.
template <typename Formula>
int largest_error(const std::string& name, Formula formula) {
  const StoredPicture picture = stored(name);
  EXPECT_EQ(picture.form.width, kDicomWidth);
  EXPECT_EQ(picture.form.height, kDicomHeight);
  int largest = 0;
  for (int y = 0; y < kDicomHeight; ++y)
    for (int x = 0; x < kDicomWidth; ++x) {
      const uint16_t cell = picture.frame.cells.at(static_cast<size_t>(y * kDicomWidth + x));
      largest = std::max(largest, std::abs(picture.frame.bits.value(cell) - formula(x, y)));
    }
  return largest;
}

TEST(DicomSyntax, LosslessFormsGiveTheVeryValues) {
  const auto formula = [](int x, int y) { return (x * 97 + y * 61 + x * y) % 4096; };
  for (const char* name : {"grey_explicit", "grey_implicit", "grey_big_endian", "grey_deflated", "grey_no_preamble",
           "grey_rle", "grey_jpeg_lossless", "grey_jpeg_sv1", "grey_jpegls", "grey_j2k_lossless"})
    EXPECT_EQ(largest_error(name, formula), 0) << name;
  EXPECT_LE(largest_error("grey_jpegls_near", formula), 2);  // the bound it was written with
}

TEST(DicomSyntax, LossyFormsStayClose) {
  const auto formula = [](int x, int y) { return x * 60 + y * 50; };
  EXPECT_LE(largest_error("smooth_jpeg_extended", formula), 40);
  EXPECT_LE(largest_error("smooth_j2k", formula), 100);
}

TEST(DicomSyntax, ColourComesOutAsRgb) {
  for (const auto& [name, tolerance] : {std::pair{"rgb_explicit", 0}, {"rgb_rle", 0}, {"rgb_jpegls", 0},
           {"rgb_j2k_lossless", 0}, {"rgb_jpeg_baseline", 12}}) {
    const DecodedImage got = decode_image_file(std::string(HILUM_TESTDATA "/image/dicom/") + name + ".dcm");
    ASSERT_EQ(got.pixels.channels, 3) << name;
    int largest = 0;
    for (int y = 0; y < kDicomHeight; ++y)
      for (int x = 0; x < kDicomWidth; ++x) {
        const uint8_t* pixel = &got.pixels.data8[static_cast<size_t>(3 * (y * kDicomWidth + x))];
        largest = std::max(
            {largest, std::abs(pixel[0] - x * 6), std::abs(pixel[1] - y * 8), std::abs(pixel[2] - (x + y) * 3)});
      }
    EXPECT_LE(largest, tolerance) << name;
  }
}

TEST(DicomSyntax, StepsNameTheCompression) {
  const DecodedImage got = decode_image_file(HILUM_TESTDATA "/image/dicom/grey_jpegls.dcm");
  EXPECT_THAT(got.steps,
      ElementsAre("decompressed JPEG-LS lossless", testing::StartsWith("percentiles 1-99"), "12 bit to 8 bit"));
}

TEST(DicomSyntax, OthersAreRefusedByName) {
  DicomTestFile file = file_of().add_picture(2, 1, 8, 8).add_pixels({1, 2}, 8);
  for (const char* uid : {"1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.202", "1.2.840.10008.1.2.4.203"}) {
    file.transfer_syntax = uid;
    EXPECT_THAT(problem_of(file.bytes()), testing::AllOf(HasSubstr("HTJ2K"), HasSubstr(uid)));
  }
  file.transfer_syntax = "1.2.840.10008.1.2.4.100";
  EXPECT_THAT(problem_of(file.bytes()), HasSubstr("1.2.840.10008.1.2.4.100"));
  file.transfer_syntax = "Miller^Anna";
  EXPECT_THAT(problem_of(file.bytes()), testing::Not(HasSubstr("Miller")));
}

// ---- attributes
// ------------------------------------------------------------------------------------------------------------------

TEST(Dicom, FirstOfSeveralWindowsWithItsFunction) {
  const auto with = [](const std::string& function) {
    DicomTestFile file =
        file_of().add_picture(3, 1, 16, 12).add(0x0028, 0x1050, "DS", "100\\7").add(0x0028, 0x1051, "DS", "50\\9");
    if (!function.empty()) file.add(0x0028, 0x1056, "CS", function);
    return decode_dicom(file.add_pixels({0, 100, 4095}).bytes());
  };
  EXPECT_THAT(with("").steps, Contains("window 100/50 (linear, first of 2)"));
  EXPECT_THAT(with("").pixels.data8, ElementsAre(0, 130, 255));  // ((100 - 99.5) / 49 + 0.5) * 255 = 130.1
  EXPECT_THAT(with("LINEAR_EXACT").pixels.data8, ElementsAre(0, 128, 255));
  EXPECT_THAT(with("SIGMOID").steps, Contains("window 100/50 (sigmoid, first of 2)"));
  EXPECT_THAT(with("SIGMOID").pixels.data8, ElementsAre(0, 128, 255));  // 255 / (1 + e^8) = 0.09
}

TEST(Dicom, LutsAreReadFromTheirSequences) {
  DicomTestFile modality, voi;
  modality.add_us(0x0028, 0x3002, {4, 0, 16}).add_us(0x0028, 0x3006, {10, 20, 30, 40});
  voi.add_us(0x0028, 0x3002, {4, 10, 8})
      .add_us(0x0028, 0x3006, {0 | 100 << 8, 150 | 255 << 8}, "OW");  // two entries a word
  DicomTestFile file = file_of().add_picture(4, 1, 8, 8);
  file.add_sequence(0x0028, 0x3000, modality).add_sequence(0x0028, 0x3010, voi).add_pixels({0, 1, 2, 3}, 8);
  const DecodedImage got = decode_dicom(file.bytes());
  EXPECT_THAT(got.steps, ElementsAre("modality lut", "voi lut"));
  EXPECT_THAT(got.pixels.data8, ElementsAre(0, 255, 255, 255));  // modality 10, 20, 30, 40; the VOI LUT covers 10..13
}

TEST(Dicom, DamagedLutsAreLeftOutWithAWarning) {
  DicomTestFile voi;
  voi.add_us(0x0028, 0x3002, {500, 0, 16}).add_us(0x0028, 0x3006, {1, 2, 3});
  const DecodedImage got =
      decode_dicom(file_of().add_picture(2, 1, 8, 8).add_sequence(0x0028, 0x3010, voi).add_pixels({1, 9}, 8).bytes());
  EXPECT_THAT(got.warnings, Contains(HasSubstr("voi lut")));
  EXPECT_THAT(got.steps.front(), HasSubstr("percentiles"));
}

TEST(Dicom, SignedValuesInvertedShapeAndPadding) {
  const DecodedImage got = decode_dicom(file_of()
          .add_picture(4, 1, 16, 16, "MONOCHROME2", true)
          .add_us(0x0028, 0x0120, {-32768}, "SS")
          .add(0x0028, 0x1050, "DS", "0")
          .add(0x0028, 0x1051, "DS", "201")
          .add(0x2050, 0x0020, "CS", "INVERSE")
          .add_pixels({-100, 0, 100, -32768})
          .bytes());
  EXPECT_THAT(got.pixels.data8, ElementsAre(254, 127, 0, 0));  // ((-100 + 0.5) / 200 + 0.5) * 255 = 0.64
  EXPECT_THAT(got.steps, ElementsAre("window 0/201 (linear)", "16 bit to 8 bit",
                             "presentation lut shape inverse: inverted", "pixel padding painted black"));
}

TEST(Dicom, MetadataIsKeptAndZeroSpacingIsAbsent) {
  const auto with = [](const std::string& spacing, const std::string& imager) {
    DicomTestFile file = file_of().add(0x0008, 0x0020, "DA", "20240131").add(0x0010, 0x0020, "LO", " P-17 ");
    file.add(0x0018, 0x1164, "DS", imager).add(0x0018, 0x5101, "CS", "PA").add(0x0020, 0x000d, "UI", "2.25.9");
    return decode_dicom(file.add(0x0020, 0x0020, "CS", "L\\F")
                            .add_picture(2, 1, 8, 8)
                            .add(0x0028, 0x0030, "DS", spacing)
                            .add_pixels({1, 9}, 8)
                            .bytes())
        .metadata;
  };
  const ImageMetadata got = with("0.2\\0.2", "0.1\\0.1");
  EXPECT_EQ(got.format, "dicom");
  EXPECT_EQ(got.patient_id, "P-17");
  EXPECT_EQ(got.study_date, "20240131");
  EXPECT_EQ(got.study_instance_uid, "2.25.9");
  EXPECT_EQ(got.view_position, "PA");
  EXPECT_EQ(got.patient_orientation, "L\\F");
  EXPECT_EQ(got.spacing_mm, 0.2);
  EXPECT_EQ(with("0\\0", "0.143\\0.143").spacing_mm, 0.143);
  EXPECT_EQ(with("0\\0", "").spacing_mm, 0);
}

TEST(Dicom, WarningsForWhatAReaderMustKnow) {
  const auto warnings = [](const std::string& sop, uint16_t group, uint16_t element, const std::string& vr,
                            const std::string& value) {
    DicomTestFile file = file_of(sop);
    if (group) file.add(group, element, vr, value);
    const std::vector<int> pixels = vr == "IS" ? std::vector{1, 9, 3, 4, 5, 6} : std::vector{1, 9};
    return dicom_warnings(decode_dicom(file.add_picture(2, 1, 8, 8).add_pixels(pixels, 8).bytes()));
  };
  const std::string dx = "1.2.840.10008.5.1.4.1.1.1.1", sc = "1.2.840.10008.5.1.4.1.1.7";
  for (const std::string& sop : {std::string(kCr), dx, sc}) EXPECT_THAT(warnings(sop, 0, 0, "", ""), IsEmpty()) << sop;
  EXPECT_THAT(warnings(dx + ".1", 0, 0, "", ""), ElementsAre(HasSubstr("for processing")));
  EXPECT_THAT(warnings("1.2.840.10008.5.1.4.1.1.2", 0, 0, "", ""), ElementsAre(HasSubstr("not a CR, DX or SC")));
  EXPECT_THAT(warnings(kCr, 0x0028, 0x0301, "CS", "YES"), ElementsAre(HasSubstr("burned")));
  EXPECT_THAT(warnings(kCr, 0x0028, 0x0301, "CS", "NO"), IsEmpty());
  EXPECT_THAT(warnings(kCr, 0x0020, 0x0020, "CS", "R\\F"), ElementsAre(HasSubstr("mirrored")));
  EXPECT_THAT(warnings(kCr, 0x0020, 0x0020, "CS", "L\\H"), ElementsAre(HasSubstr("upside down")));
  EXPECT_THAT(warnings(kCr, 0x0020, 0x0020, "CS", "L\\F"), IsEmpty());
  EXPECT_THAT(warnings(kCr, 0x0028, 0x0008, "IS", "3"), ElementsAre(HasSubstr("3 frames")));
}

TEST(Dicom, FilesWithoutPreambleAreFoundByTheirContent) {
  DicomTestFile file = file_of().add_picture(2, 1, 8, 8).add_pixels({1, 9}, 8);
  const DecodedImage with = decode_dicom(file.bytes());
  file.preamble = false;
  EXPECT_EQ(decode_dicom(file.bytes()).pixels.data8, with.pixels.data8);
}

TEST(Dicom, ManyThreadsDecodeAtOnce) {
  const DecodedImage one = decode_image_file(HILUM_TESTDATA "/image/dicom/grey_jpeg_sv1.dcm");
  std::vector<std::thread> threads;
  std::vector<int> equal(4, 0);
  for (size_t t = 0; t < equal.size(); ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i)
        for (const char* name : {"grey_jpeg_sv1", "grey_rle", "grey_jpegls"})
          equal[t] += decode_image_file(std::string(HILUM_TESTDATA "/image/dicom/") + name + ".dcm").pixels.data8 ==
                      one.pixels.data8;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(equal, ElementsAre(60, 60, 60, 60));
}

// ---- malformed files
// -----------------------------------------------------------------------------------------------------------

TEST(DicomMalformed, EveryTruncationIsAnErrorThatNamesNoPatient) {
  for (const auto& entry : fs::directory_iterator(HILUM_TESTDATA "/image/dicom")) {
    const std::string whole = read_file(entry.path());
    const DecodedImage reference = decode_dicom(whole);
    for (size_t length = 1; length + 1 < whole.size(); length += 3) {
      const std::string cut = whole.substr(0, length);
      try {
        // What is lost may be padding at the very end; then the picture must be the same.
        EXPECT_EQ(decode_dicom(cut).pixels.data8, reference.pixels.data8)
            << entry.path() << " cut at " << length << " of " << whole.size();
        EXPECT_GT(length + 16, whole.size()) << entry.path();
      } catch (const Error& error) {
        EXPECT_THAT(error.what(), testing::Not(HasSubstr("synthetic")));
      }
    }
  }
}

TEST(DicomMalformed, FlippedBytesDecodeOrAreErrors) {
  for (const auto& entry : fs::directory_iterator(HILUM_TESTDATA "/image/dicom")) {
    const std::string whole = read_file(entry.path());
    for (size_t i = 132; i < whole.size(); i += 11) {  // the fuzz target tries more
      std::string damaged = whole;
      damaged[i] = static_cast<char>(damaged[i] ^ (1 << (i % 8)));
      try {
        decode_dicom(damaged);
      } catch (const Error&) {
      }
    }
  }
}

TEST(DicomMalformed, HostileNumbersAreRefused) {
  const auto picture = [](int width, int height, int allocated, int stored, const char* photometric) {
    return problem_of(
        file_of().add_picture(width, height, allocated, stored, photometric).add_pixels({1, 2, 3}).bytes());
  };
  EXPECT_THAT(picture(65535, 65535, 16, 12, "MONOCHROME2"), HasSubstr("megapixels"));
  EXPECT_THAT(picture(0, 5, 16, 12, "MONOCHROME2"), HasSubstr("no pixels"));
  EXPECT_THAT(picture(9000, 9000, 16, 12, "MONOCHROME2"), HasSubstr("its header promises"));
  EXPECT_THAT(picture(2, 1, 32, 12, "MONOCHROME2"), HasSubstr("32 bits allocated"));
  EXPECT_THAT(picture(2, 1, 16, 17, "MONOCHROME2"), HasSubstr("17 stored"));
  EXPECT_THAT(picture(2, 1, 16, 0, "MONOCHROME2"), HasSubstr("0 stored"));
  EXPECT_THAT(picture(2, 1, 8, 8, "PALETTE COLOR"), HasSubstr("palette"));
  EXPECT_THAT(problem_of(file_of().add_picture(2, 1, 8, 8).bytes()), HasSubstr("no pixel data"));
  EXPECT_THAT(problem_of(file_of().bytes()), HasSubstr("without a picture"));
  EXPECT_THAT(problem_of(std::string(128, '\0') + "DICM"), HasSubstr("without a picture"));
}

TEST(DicomMalformed, AnElementLongerThanTheFileIsAnError) {
  std::string bytes = file_of().add_picture(2, 1, 8, 8).add_pixels({1, 2}, 8).bytes();
  bytes.replace(bytes.size() - 6, 4, "\xf0\xff\xff\x7f", 4);
  EXPECT_THAT(problem_of(bytes), HasSubstr("an element of 2147483632 bytes stands where 2 are left"));
  // The same inside a sequence's item.
  DicomTestFile item;
  item.add(0x0008, 0x1150, "UI", "1.2").add(0x0008, 0x1190, "UN", "abcd");
  bytes = file_of().add_sequence(0x0008, 0x1140, item).add_picture(2, 1, 8, 8).add_pixels({1, 2}, 8).bytes();
  const size_t at = bytes.find("UN");
  bytes.replace(at + 4, 4, "\xf0\xff\xff\xfe", 4);
  EXPECT_THAT(problem_of(bytes), HasSubstr("an element of 4278190064 bytes"));
}

TEST(DicomMalformed, DeepNestingIsRefused) {
  std::string nested;
  for (int i = 0; i < 100000; ++i)
    nested += std::string("\x08\x00\x15\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff", 20);
  EXPECT_THAT(problem_of(file_of().bytes() + nested), HasSubstr("sequence items"));
  std::string just_allowed;
  for (int i = 0; i < 4000; ++i)
    just_allowed += std::string("\x08\x00\x15\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff", 20);
  EXPECT_THAT(problem_of(file_of().bytes() + just_allowed), HasSubstr("DICOM"));
}

// ---- real files
// ----------------------------------------------------------------------------------------------------------------

fs::path real(const std::string& name) { return fs::path(HILUM_SHARED) / "data/images/dicom" / name; }

std::vector<int> stored_values(const fs::path& path) {
  const std::string bytes = read_file(path);
  const StoredPicture picture = read_dicom_stored(std::as_bytes(std::span(bytes)), path.string());
  std::vector<int> values;
  for (const uint16_t cell : picture.frame.cells) values.push_back(picture.frame.bits.value(cell));
  return values;
}

TEST(DicomReal, StoredValuesAreThoseOfTheFacts) {
  if (!fs::exists(real(""))) GTEST_SKIP() << "the real DICOM files are not here: " << real("");
  const std::vector<int> half = stored_values(real("wg04_RG1_half_explicit.dcm"));
  EXPECT_EQ(half.size(), 977u * 920);
  EXPECT_EQ(*std::min_element(half.begin(), half.end()), 988);
  EXPECT_EQ(*std::max_element(half.begin(), half.end()), 26461);
  uint64_t sum = 0;
  for (const int v : half) sum += static_cast<uint64_t>(v);
  EXPECT_EQ(sum, 6647520967u);
  const std::vector<int> j2k = stored_values(real("wg04_RG1_J2KI.dcm"));
  EXPECT_EQ(j2k.size(), 1955u * 1841);
  EXPECT_EQ(*std::min_element(j2k.begin(), j2k.end()), 803);
  EXPECT_EQ(*std::max_element(j2k.begin(), j2k.end()), 26512);
}

TEST(DicomReal, TheHalfSizeFileIsThe2x2MeanOfTheWhole) {
  if (!fs::exists(real(""))) GTEST_SKIP() << "the real DICOM files are not here: " << real("");
  const std::vector<int> half = stored_values(real("wg04_RG1_half_explicit.dcm")),
                         whole = stored_values(real("wg04_RG1_J2KI.dcm"));
  int differ = 0;
  for (size_t y = 0; y < 977; ++y)
    for (size_t x = 0; x < 920; ++x) {
      const size_t at = 2 * y * 1841 + 2 * x;
      differ += half[y * 920 + x] != (whole[at] + whole[at + 1] + whole[at + 1841] + whole[at + 1842] + 2) / 4;
    }
  EXPECT_EQ(differ, 0);
}

TEST(DicomReal, Monochrome1IsTheNegative) {
  if (!fs::exists(real(""))) GTEST_SKIP() << "the real DICOM files are not here: " << real("");
  const DecodedImage positive =
      decode_image_file(real("siim_1.2.276.0.7230010.3.1.4.8323329.6904.1517875201.850819.dcm"));
  const DecodedImage negative = decode_image_file(real("siim_Fake_MONOHR1.dcm"));
  ASSERT_EQ(positive.pixels.data8.size(), 1024u * 1024);
  size_t differ = 0;
  for (size_t i = 0; i < positive.pixels.data8.size(); ++i)
    differ += positive.pixels.data8[i] != 255 - negative.pixels.data8[i];
  EXPECT_EQ(differ, 0u);
  EXPECT_THAT(negative.steps, Contains("monochrome1 inverted"));
  EXPECT_EQ(positive.metadata.spacing_mm, 0.168);
}

TEST(DicomReal, TheJpeg2000FileLooksLikeItsPng) {
  if (!fs::exists(real(""))) GTEST_SKIP() << "the real DICOM files are not here: " << real("");
  const DecodedImage got = decode_image_file(real("wg04_RG1_J2KI.dcm"));
  EXPECT_THAT(got.steps,
      ElementsAre("decompressed JPEG 2000", "window 15000/30000 (linear)", "15 bit to 8 bit", "monochrome1 inverted"));
  EXPECT_EQ(got.metadata.spacing_mm, 0);
  EXPECT_EQ(got.metadata.patient_orientation, "L\\F");
  const DecodedImage png = decode_image_file(real("").parent_path().parent_path() / "wg04_RG1.png");
  const Image small = resize(got.pixels, png.pixels.width, png.pixels.height, Resample::kLanczos);
  double error = 0;
  for (size_t i = 0; i < small.data8.size(); ++i) error += std::abs(small.data8[i] - png.pixels.data8[i]);
  EXPECT_LT(
      error / static_cast<double>(small.data8.size()), 1.0);  // mean grey levels; the filter of the PNG is not known
}

}  // namespace
}  // namespace hilum
