// What a result must say of the DICOM image it was made from: its identifiers, and the patient and study it belongs to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace hilum {

struct DicomAttribute {
  uint16_t group = 0, element = 0;
  std::string value;  // UTF-8; several values joined by backslashes
};

// Holds patient data: never logged, never part of an error.
struct DicomReference {
  std::string sop_class_uid, sop_instance_uid, series_instance_uid,
      study_instance_uid;     // empty: absent, or no valid UID (PS3.5 9.1)
  int rows = 0, columns = 0;  // px of the image as stored
  int frames = 1;
  // Elements of the Patient, General Study and Patient Study modules (PS3.3 C.7.1.1, C.7.2.1, C.7.2.2) with a single
  // text value, to be copied into an object of the same study, by tag. Left out: empty ones, and ages, dates, times,
  // numbers and codes that are none.
  std::vector<DicomAttribute> patient_and_study;
  std::string timezone_offset;  // "+0100": of the file's times (0008,0201); empty where it does not say

  // The value of an attribute of that list; empty: not there.
  std::string attribute(uint16_t group, uint16_t element) const;
};

// The images a report was made from; no value: not used, or not a DICOM file.
struct StudyReferences {
  std::optional<DicomReference> frontal, lateral, prior;
};

// Digits and dots, no component empty or with a leading zero, at most 64 characters.
bool is_dicom_uid(const std::string& text);

// `bytes`: a DICOM file (looks_like_dicom of image/decoders.h, is_dicom_file of image/decode.h). Pixels are not
// decoded. Throws Error naming `where` as decode_image() does, and where the patient's attributes are not text in the
// file's own character set.
DicomReference read_dicom_reference(std::span<const std::byte> bytes, const std::string& where);

}  // namespace hilum
