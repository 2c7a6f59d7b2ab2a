#include "image/dicom_reference.h"

#include <array>

#include <fmt/core.h>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcelem.h>

#include "base/ascii.h"
#include "base/error.h"
#include "image/dicom_characters.h"
#include "image/dicom_open.h"
#include "image/dicom_values.h"

namespace hilum {
namespace {

// In the order of their tags. Left out: sequences, private elements, free comments, and what describes the image and
// not its study.
const std::array kCopied = {DCM_StudyDate, DCM_StudyTime, DCM_AccessionNumber, DCM_ReferringPhysicianName,
    DCM_StudyDescription, DCM_PatientName, DCM_PatientID, DCM_IssuerOfPatientID, DCM_PatientBirthDate, DCM_PatientSex,
    DCM_PatientAge, DCM_PatientSize, DCM_PatientWeight, DCM_PatientIdentityRemoved, DCM_DeidentificationMethod,
    DCM_StudyInstanceUID, DCM_StudyID};

constexpr size_t kMaxValueBytes =
    4096;  // five components of a name, 64 characters of four bytes each in three scripts, are 3840

std::string uid(DcmItem& item, const DcmTagKey& tag) {
  const std::string text = dicom_text(item, tag);
  return is_dicom_uid(text) ? text : "";
}

// A date, time, number, age or code that is none by its own rules ("62" as an age): optional, or allowed to be empty,
// in every module here.
bool is_damaged(DcmElement& element) {
  switch (element.ident()) {
    case EVR_AS:
    case EVR_CS:
    case EVR_DA:
    case EVR_DS:
    case EVR_TM: return element.checkValue("1").bad();
    default: return false;
  }
}

Error too_long(const std::string& where) {
  return Error(where, "has a patient or study attribute longer than DICOM allows",
      "Correct the file's Patient and Study modules.");
}

// Names the sets and the attribute, never the text.
Error unreadable_text(
    DcmItem& file, const DicomCharacters& characters, const DcmTagKey& tag, const std::string& where) {
  const std::string sets = dicom_text(file, DCM_SpecificCharacterSet);
  const std::string named = sets.empty() ? "is absent (ASCII)" : "is " + quoted_value(sets);
  if (!characters.unknown_term().empty())
    return Error(where,
        fmt::format(
            "has text that is not ASCII in {}, and its Specific Character Set (0008,0005) {}, of which {} is no "
            "defined term",
            attribute_name(tag), named, quoted_value(characters.unknown_term())),
        "Correct Specific Character Set (0008,0005) of the file, e.g. to ISO_IR 100 (Latin-1) or ISO_IR 192 (UTF-8).");
  return Error(where,
      fmt::format("has bytes in {} that are no text in its character set: Specific Character Set (0008,0005) {}",
          attribute_name(tag), named),
      "Correct Specific Character Set (0008,0005) of the file to the set its text is in, e.g. ISO_IR 100 (Latin-1) or "
      "ISO_IR 192 (UTF-8).");
}

}  // namespace

bool is_dicom_uid(const std::string& text) {
  if (text.empty() || text.size() > 64 || text.back() == '.') return false;
  for (const std::string_view component : split(text, '.'))
    if (!is_ascii_number(component) || (component.size() > 1 && component[0] == '0')) return false;
  return true;
}

std::string DicomReference::attribute(uint16_t group, uint16_t element) const {
  for (const DicomAttribute& one : patient_and_study)
    if (one.group == group && one.element == element) return one.value;
  return "";
}

DicomReference read_dicom_reference(std::span<const std::byte> bytes, const std::string& where) {
  const OpenedDicom opened = open_dicom(bytes, where);
  DcmDataset& file = *opened.data_set;
  DicomReference reference;
  reference.sop_class_uid = uid(file, DCM_SOPClassUID);
  reference.sop_instance_uid = uid(file, DCM_SOPInstanceUID);
  reference.series_instance_uid = uid(file, DCM_SeriesInstanceUID);
  reference.study_instance_uid = uid(file, DCM_StudyInstanceUID);
  reference.rows = opened.form.height;
  reference.columns = opened.form.width;
  reference.frames = opened.form.frames;
  reference.timezone_offset = dicom_text(file, DCM_TimezoneOffsetFromUTC);

  const DicomCharacters characters(dicom_text(file, DCM_SpecificCharacterSet));
  for (const DcmTagKey& tag : kCopied) {
    DcmElement* element = nullptr;
    if (file.findAndGetElement(tag, element).bad() || !element || !element->isaString() || is_damaged(*element))
      continue;
    OFString raw;
    if (element->getOFStringArray(raw, OFFalse).bad()) continue;
    if (raw.size() > kMaxValueBytes) throw too_long(where);
    const std::optional<std::string> text = element->isAffectedBySpecificCharacterSet()
                                                ? characters.to_utf8({raw.c_str(), raw.size()})
                                                : std::string(raw.c_str(), raw.size());
    if (!text) throw unreadable_text(file, characters, tag, where);
    const std::string value(trim_ascii(*text, std::string_view("\0 ", 2)));
    if (value.size() > kMaxValueBytes) throw too_long(where);
    if (!value.empty()) reference.patient_and_study.push_back({tag.getGroup(), tag.getElement(), value});
  }
  return reference;
}

}  // namespace hilum
