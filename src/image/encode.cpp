#include "image/encode.h"

#include <algorithm>
#include <csetjmp>

#include <png.h>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include "base/error.h"
#include "base/file.h"

namespace hilum {
namespace {

void check_buffer(const Image& image) {
  check(image.width > 0 && image.height > 0 && (image.channels == 1 || image.channels == 3), "encode",
      "the image has no size or " + std::to_string(image.channels) + " channels");
  const size_t samples =
      static_cast<size_t>(image.width) * static_cast<size_t>(image.height) * static_cast<size_t>(image.channels);
  check(image.bits == 8 || image.bits == 16, "encode",
      "images of " + std::to_string(image.bits) + " bits are not written", "Use 8 or 16.");
  check((image.bits == 8 ? image.data8.size() : image.data16.size()) == samples, "encode",
      "the buffer does not fit the image's size");
}

void append(png_structp png, png_bytep data, png_size_t size) {
  static_cast<std::string*>(png_get_io_ptr(png))->append(reinterpret_cast<char*>(data), size);
}
void flush(png_structp) {}

}  // namespace

std::string encode_png(const Image& image) {
  check_buffer(image);
  std::string out;
  std::vector<const uint8_t*> rows(static_cast<size_t>(image.height));
  const size_t stride = static_cast<size_t>(image.width) * static_cast<size_t>(image.channels);
  for (size_t row = 0; row < rows.size(); ++row)
    rows[row] = image.bits == 8 ? image.data8.data() + row * stride
                                : reinterpret_cast<const uint8_t*>(image.data16.data() + row * stride);
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png ? png_create_info_struct(png) : nullptr;
  if (!info || setjmp(png_jmpbuf(png))) {
    png_destroy_write_struct(&png, &info);
    throw Error("encode", "libpng could not write the image");
  }
  png_set_write_fn(png, &out, append, flush);
  png_set_IHDR(png, info, static_cast<png_uint_32>(image.width), static_cast<png_uint_32>(image.height), image.bits,
      image.channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
      PNG_FILTER_TYPE_DEFAULT);
  png_set_compression_level(png, 4);
  png_set_filter(png, 0, PNG_FILTER_SUB);
  png_write_info(png, info);
  if (image.bits == 16) png_set_swap(png);
  png_write_image(png, const_cast<png_bytepp>(rows.data()));
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return out;
}

void write_png(const std::filesystem::path& path, const Image& image) { write_file(path, encode_png(image)); }

std::string uid_from_bits(uint64_t high, uint64_t low) {
  unsigned __int128 value = (static_cast<unsigned __int128>(high) << 64) | low;
  std::string digits;
  do digits += static_cast<char>('0' + static_cast<int>(value % 10));
  while ((value /= 10) != 0);
  std::reverse(digits.begin(), digits.end());
  return "2.25." + digits;
}

void write_dicom(const std::filesystem::path& path, const Image& image, const DicomTags& tags) {
  check_buffer(image);
  check(image.channels == 1, path.c_str(), "a colour image cannot be written as DX", "Give a grey one.");
  std::vector<Uint16> pixels(static_cast<size_t>(image.width) * static_cast<size_t>(image.height));
  for (size_t i = 0; i < pixels.size(); ++i)
    pixels[i] = image.bits == 8 ? static_cast<Uint16>((image.data8[i] * 4095 + 127) / 255)
                                : static_cast<Uint16>(image.data16[i] >> 4);

  DcmFileFormat file;
  DcmDataset& set = *file.getDataset();
  bool good = true;
  const auto text = [&](const DcmTagKey& key, const std::string& value) {
    good = set.putAndInsertString(key, value.c_str()).good() && good;
  };
  const auto number = [&](const DcmTagKey& key, int value) {
    good = set.putAndInsertUint16(key, static_cast<Uint16>(value)).good() && good;
  };
  text(DCM_ImageType, "ORIGINAL\\PRIMARY");
  text(DCM_SOPClassUID, UID_DigitalXRayImageStorageForPresentation);
  text(DCM_SOPInstanceUID, tags.sop_instance_uid);
  text(DCM_StudyDate, tags.study_date);
  text(DCM_StudyTime, "");
  text(DCM_ContentDate, tags.study_date);
  text(DCM_ContentTime, "");
  text(DCM_AcquisitionDate, tags.study_date);
  text(DCM_AccessionNumber, "");
  text(DCM_Modality, "DX");
  text(DCM_PresentationIntentType, "FOR PRESENTATION");
  text(DCM_Manufacturer, "Hilum");
  text(DCM_ManufacturerModelName, "phantom");
  text(DCM_ReferringPhysicianName, "");
  text(DCM_PatientName, "");
  text(DCM_PatientID, tags.patient_id);
  text(DCM_PatientBirthDate, "");
  text(DCM_PatientSex, tags.patient_sex);
  if (tags.age_years >= 0) {
    std::string age = std::to_string(std::min(tags.age_years, 999));
    text(DCM_PatientAge, std::string(3 - age.size(), '0') + age + "Y");
  }
  text(DCM_BodyPartExamined, "CHEST");
  text(DCM_ViewPosition, tags.view_position);
  text(DCM_StudyInstanceUID, tags.study_instance_uid);
  text(DCM_SeriesInstanceUID, tags.series_instance_uid);
  text(DCM_StudyID, "");
  text(DCM_SeriesNumber, "1");
  text(DCM_InstanceNumber, "1");
  text(DCM_PatientOrientation, tags.patient_orientation);
  text(DCM_ImageLaterality, "U");
  text(DCM_BurnedInAnnotation, "NO");
  text(DCM_LossyImageCompression, "00");
  text(DCM_PresentationLUTShape, "IDENTITY");
  text(DCM_PixelIntensityRelationship, "LOG");
  good = set.putAndInsertSint16(DCM_PixelIntensityRelationshipSign, -1).good() && good;
  text(DCM_RescaleIntercept, "0");
  text(DCM_RescaleSlope, "1");
  text(DCM_RescaleType, "US");
  text(DCM_WindowCenter, "2048");
  text(DCM_WindowWidth, "4096");
  if (tags.spacing_mm > 0) {
    const std::string mm = std::to_string(tags.spacing_mm);
    text(DCM_ImagerPixelSpacing, mm + "\\" + mm);
  }
  number(DCM_SamplesPerPixel, 1);
  text(DCM_PhotometricInterpretation, "MONOCHROME2");
  number(DCM_Rows, image.height);
  number(DCM_Columns, image.width);
  number(DCM_BitsAllocated, 16);
  number(DCM_BitsStored, 12);
  number(DCM_HighBit, 11);
  number(DCM_PixelRepresentation, 0);
  good = set.putAndInsertUint16Array(DCM_PixelData, pixels.data(), pixels.size()).good() && good;
  invariant(good, "a DICOM attribute was refused");

  std::error_code ignored;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), ignored);
  std::filesystem::path part = path;
  part += ".part";
  const OFCondition saved = file.saveFile(part.c_str(), EXS_LittleEndianExplicit);
  if (saved.bad()) {
    std::filesystem::remove(part, ignored);
    throw Error(path.string(), std::string("could not be written (") + saved.text() + ")",
        "Check the folder and its permissions.");
  }
  std::filesystem::rename(part, path);
}

}  // namespace hilum
