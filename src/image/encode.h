// Pictures to files: PNG, JPEG and DICOM.
#pragma once

#include <filesystem>
#include <string>

#include "image/image.h"

namespace hilum {

// A PNG of 8 or 16 bits, grey or RGB. Throws Error for an image whose buffer does not fit its size.
std::string encode_png(const Image& image);
void write_png(const std::filesystem::path& path, const Image& image);  // complete or not at all

// A baseline JPEG as libjpeg's defaults make it (and Pillow's): YCbCr 4:2:0, standard tables scaled to
// `quality` 1..100, the slow integer transform. 8-bit grey or RGB. Throws Error otherwise.
std::string encode_jpeg(const Image& image, int quality);

// What a DICOM file says beside its pixels. Dates are YYYYMMDD.
struct DicomTags {
  std::string patient_id, patient_sex;  // sex "M", "F" or "O"
  int age_years = -1;                   // < 0: not said
  std::string study_instance_uid, series_instance_uid, sop_instance_uid;
  std::string study_date;
  std::string view_position = "PA";          // or "LL"
  std::string patient_orientation = "L\\F";  // right of the image, bottom of the image
  double spacing_mm = 0;                     // at the detector, between pixel centres; 0: not said
};

// Digital X-Ray Image for presentation (PS3.3 A.26), explicit VR little endian, MONOCHROME2, 12 bits stored in 16, a
// window over the whole range. Grey images only (8 bits are spread over 12, of 16 bits the upper 12 are kept). Throws
// Error.
void write_dicom(const std::filesystem::path& path, const Image& image, const DicomTags& tags);

// A UID from 128 bits, "2.25." and their decimal form (PS3.5 B.2).
std::string uid_from_bits(uint64_t high, uint64_t low);

}  // namespace hilum
