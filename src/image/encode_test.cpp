#include "image/encode.h"

#include <gmock/gmock.h>

#include <cstring>
#include <filesystem>

#include <png.h>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include "base/error.h"
#include "base/file.h"
#include "base/temp_folder_for_test.h"

namespace hilum {
namespace {

namespace fs = std::filesystem;

// libpng's own simple reader, independent of the writer.
std::vector<uint8_t> read_back(const std::string& png, uint32_t format, int& width, int& height) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  EXPECT_NE(png_image_begin_read_from_memory(&image, png.data(), png.size()), 0);
  image.format = format;
  std::vector<uint8_t> pixels(PNG_IMAGE_SIZE(image));
  EXPECT_NE(png_image_finish_read(&image, nullptr, pixels.data(), 0, nullptr), 0);
  width = static_cast<int>(image.width);
  height = static_cast<int>(image.height);
  return pixels;
}

Image ramp(int width, int height, int channels, int bits) {
  Image image{width, height, channels, bits, {}, {}};
  const int samples = width * height * channels;
  for (int i = 0; i < samples; ++i)
    if (bits == 8) image.data8.push_back(static_cast<uint8_t>(i * 37));
    else image.data16.push_back(static_cast<uint16_t>(i * 7919));
  return image;
}

TEST(EncodePng, GreyAndColourComeBackUnchanged) {
  int width = 0, height = 0;
  const Image grey = ramp(13, 7, 1, 8), colour = ramp(5, 9, 3, 8);
  EXPECT_EQ(read_back(encode_png(grey), PNG_FORMAT_GRAY, width, height), grey.data8);
  EXPECT_EQ(width, 13);
  EXPECT_EQ(height, 7);
  EXPECT_EQ(read_back(encode_png(colour), PNG_FORMAT_RGB, width, height), colour.data8);
}

TEST(EncodePng, SixteenBitsAreStoredBigEndianAndWhole) {
  const Image image = ramp(3, 2, 1, 16);
  const std::string png = encode_png(image);
  EXPECT_EQ(png[24], 16);  // IHDR bit depth
  std::vector<uint16_t> seen;
  struct Source {
    const std::string& bytes;
    size_t at;
  } source{png, 0};
  png_structp reader = png_create_read_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(reader);
  png_set_read_fn(reader, &source, [](png_structp p, png_bytep out, png_size_t size) {
    auto* from = static_cast<Source*>(png_get_io_ptr(p));
    std::memcpy(out, from->bytes.data() + from->at, size);
    from->at += size;
  });
  png_read_png(reader, info, PNG_TRANSFORM_IDENTITY, nullptr);
  for (int row = 0; row < 2; ++row)
    for (int i = 0; i < 3; ++i) {
      const uint8_t* at = png_get_rows(reader, info)[row] + 2 * i;
      seen.push_back(static_cast<uint16_t>(at[0] << 8 | at[1]));
    }
  png_destroy_read_struct(&reader, &info, nullptr);
  EXPECT_EQ(seen, image.data16);
}

TEST(EncodePng, BuffersThatDoNotFitAreRefused) {
  Image image = ramp(4, 4, 1, 8);
  image.data8.pop_back();
  EXPECT_THROW(encode_png(image), Error);
  image = ramp(4, 4, 1, 8);
  image.channels = 2;
  EXPECT_THROW(encode_png(image), Error);
  image = ramp(4, 4, 1, 8);
  image.width = 0;
  EXPECT_THROW(encode_png(image), Error);
}

TEST(WriteDicom, ReadsBackAsDxWithTwelveBitsAndItsTags) {
  const TempFolder folder;
  const fs::path path = folder / "a.dcm";
  Image image = ramp(6, 4, 1, 8);
  image.data8[0] = 0;
  image.data8[1] = 255;
  image.data8[2] = 128;
  DicomTags tags;
  tags.patient_id = "p7";
  tags.patient_sex = "F";
  tags.age_years = 63;
  tags.study_date = "20200301";
  tags.study_instance_uid = uid_from_bits(0, 1);
  tags.series_instance_uid = uid_from_bits(0, 2);
  tags.sop_instance_uid = uid_from_bits(0, 3);
  write_dicom(path, image, tags);
  DcmFileFormat file;
  ASSERT_TRUE(file.loadFile(path.c_str()).good());
  EXPECT_EQ(file.getDataset()->getOriginalXfer(), EXS_LittleEndianExplicit);
  const auto text = [&](const DcmTagKey& key) {
    OFString value;
    file.getDataset()->findAndGetOFStringArray(key, value);
    return std::string(value.c_str());
  };
  EXPECT_EQ(text(DCM_SOPClassUID), "1.2.840.10008.5.1.4.1.1.1.1");
  EXPECT_EQ(text(DCM_PatientID), "p7");
  EXPECT_EQ(text(DCM_PatientAge), "063Y");
  EXPECT_EQ(text(DCM_StudyInstanceUID), "2.25.1");
  EXPECT_EQ(text(DCM_StudyDate), "20200301");
  EXPECT_EQ(text(DCM_ViewPosition), "PA");
  EXPECT_EQ(text(DCM_PatientOrientation), "L\\F");
  EXPECT_EQ(text(DCM_PhotometricInterpretation), "MONOCHROME2");
  EXPECT_EQ(text(DCM_BitsStored), "12");
  const Uint16* pixels = nullptr;
  unsigned long count = 0;
  ASSERT_TRUE(file.getDataset()->findAndGetUint16Array(DCM_PixelData, pixels, &count).good());
  ASSERT_EQ(count, 24u);
  EXPECT_EQ(pixels[0], 0);
  EXPECT_EQ(pixels[1], 4095);
  EXPECT_EQ(pixels[2], 2056);  // round(128 * 4095 / 255)
  EXPECT_FALSE(fs::exists(path.string() + ".part"));
  EXPECT_THROW(write_dicom(path, ramp(2, 2, 3, 8), tags), Error);
  EXPECT_THROW(write_dicom("/proc/nowhere/a.dcm", image, tags), Error);
}

TEST(UidFromBits, IsTheDecimalOfAllBits) {
  EXPECT_EQ(uid_from_bits(0, 0), "2.25.0");
  EXPECT_EQ(uid_from_bits(1, 0), "2.25.18446744073709551616");
  EXPECT_EQ(uid_from_bits(~0ull, ~0ull), "2.25.340282366920938463463374607431768211455");
}

}  // namespace
}  // namespace hilum
