#include "report/dicom_sr.h"

#include <vector>

#include <fmt/format.h>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcfilefo.h>
#include <dcmtk/dcmdata/dcostrmb.h>
#include <dcmtk/dcmdata/dcwcache.h>
#include <dcmtk/dcmsr/dsrdoc.h>

#include "base/error.h"
#include "image/dicom_open.h"
#include "report/dicom_sr_tree.h"
#include "report/dicom_uid.h"
#include "report/result_text.h"

namespace hilum {
namespace {

constexpr const char* kWhere = "dicom-sr";

void must(const OFCondition& status, const char* what) {
  if (status.bad())
    throw Error(kWhere, fmt::format("{} could not be written ({})", what, status.text()),
        "Check the attributes of the frontal's DICOM file.");
}

void put(DcmItem& item, const DcmTagKey& tag, const std::string& value) {
  must(item.putAndInsertString(tag, value.c_str()), "an attribute");
}

bool is_hexadecimal(const std::string& text) {
  return text.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
}

// Patient and study as in the frontal's file.
void copy_patient_and_study(const DicomReference& frontal, DSRDocument& document) {
  DcmDataset copied;
  put(copied, DCM_SpecificCharacterSet, "ISO_IR 192");
  for (const DicomAttribute& attribute : frontal.patient_and_study)
    put(copied, DcmTagKey(attribute.group, attribute.element), attribute.value);
  must(document.readStudyData(copied), "patient and study");
}
// Those that DCMTK's document does not know.
void copy_the_rest(const DicomReference& frontal, DcmDataset& data_set) {
  for (const DcmTagKey& tag : {DCM_PatientAge, DCM_PatientIdentityRemoved, DCM_DeidentificationMethod})
    if (const std::string value = frontal.attribute(tag.getGroup(), tag.getElement()); !value.empty())
      put(data_set, tag, value);
}

// An image of another study is pertinent other evidence: no instance may stand in both lists (PS3.3 C.17.2.3).
void list_evidence(const StudyReferences& images, DSRDocument& document) {
  for (const auto* image : {&images.frontal, &images.lateral, &images.prior}) {
    if (!*image) continue;
    const bool same_study = (*image)->study_instance_uid == images.frontal->study_instance_uid;
    auto& list = same_study ? document.getCurrentRequestedProcedureEvidence() : document.getPertinentOtherEvidence();
    must(list.addItem((*image)->study_instance_uid.c_str(), (*image)->series_instance_uid.c_str(),
             (*image)->sop_class_uid.c_str(), (*image)->sop_instance_uid.c_str()),
        "the list of evidence");
  }
}

enum class Kind { kMeasurements, kText };

struct Clock {
  std::string date, time;
};
Clock clock_of(const SrOptions& options, int utc_offset_minutes) {
  const CivilTime t = civil_time(options.time_s, utc_offset_minutes);
  return {fmt::format("{:04}{:02}{:02}", t.year, t.month, t.day),
      fmt::format("{:02}{:02}{:02}", t.hour, t.minute, t.second)};
}

// Of a long string: one value of at most 64 characters.
OFString line(const std::string& text) {
  std::string clean = clean_line(text, 64);
  for (char& c : clean)
    if (c == '\\') c = '/';
  return OFString(clean.c_str());
}

void fill_header(
    const Report& report, Kind kind, const std::string& device_uid, const Clock& now, DSRDocument& document) {
  must(document.setSpecificCharacterSetType(DSRTypes::CS_UTF8), "the character set");
  // The one warning that viewers show beside the boxes stands first.
  const std::string what = kind == Kind::kText ? "text" : "boxes";
  document.setSeriesDescription(
      line("AI, not reviewed: " + what + (report.demo ? " of a demo model" : "") + ", research use only"), OFFalse);
  document.setSeriesNumber(kind == Kind::kText ? "9002" : "9001", OFFalse);
  document.setInstanceNumber("1", OFFalse);
  document.setManufacturer("Hilum", OFFalse);
  document.setManufacturerModelName(line(report.model_name.empty() ? "Hilum" : report.model_name), OFFalse);
  document.setDeviceSerialNumber(device_uid.c_str(), OFFalse);
  document.setSoftwareVersions(line("Hilum " + report.version), OFFalse);
  document.setSeriesDate(now.date.c_str(), OFFalse);
  document.setSeriesTime(now.time.c_str(), OFFalse);
  document.setContentDate(now.date.c_str(), OFFalse);
  document.setContentTime(now.time.c_str(), OFFalse);
  must(document.completeDocument(line(std::string(kNotReviewed) + " Research use only."), OFFalse),
      "the completion flag");
  must(document.setPreliminaryFlag(DSRTypes::PF_Preliminary), "the preliminary flag");
}

// Contributing Equipment (PS3.3 C.12.1): the model, whose Device UID is another whenever its weights are.
void name_the_model(const Report& report, const Clock& now, DcmDataset& data_set) {
  DcmItem* item = nullptr;
  must(data_set.findOrCreateSequenceItem(DCM_ContributingEquipmentSequence, item, -2), "contributing equipment");
  DcmItem* purpose = nullptr;
  must(item->findOrCreateSequenceItem(DCM_PurposeOfReferenceCodeSequence, purpose, -2), "contributing equipment");
  put(*purpose, DCM_CodeValue, "109102");
  put(*purpose, DCM_CodingSchemeDesignator, "DCM");
  put(*purpose, DCM_CodeMeaning, "Processing Equipment");
  put(*item, DCM_Manufacturer, "Hilum");
  put(*item, DCM_ManufacturerModelName, line(report.model_name.empty() ? "Hilum" : report.model_name).c_str());
  put(*item, DCM_SoftwareVersions, line("Hilum " + report.version).c_str());
  if (report.weights_sha256.size() == 64 && is_hexadecimal(report.weights_sha256)) {
    put(*item, DCM_DeviceSerialNumber, report.weights_sha256);
    put(*item, DCM_DeviceUID, dicom_uid_of_sha256(report.weights_sha256));
  }
  put(*item, DCM_ContributionDateTime, now.date + now.time);
  put(*item, DCM_ContributionDescription, std::string(kNotReviewed) + " Research use only.");
}

std::string part10_bytes(DcmFileFormat& file) {
  const E_TransferSyntax syntax = EXS_LittleEndianExplicit;
  must(file.validateMetaInfo(syntax, EWM_createNewMeta), "the file's head");
  std::vector<char> room(static_cast<size_t>(file.calcElementLength(syntax, EET_ExplicitLength)) + 65536);
  DcmOutputBufferStream stream(room.data(), static_cast<offile_off_t>(room.size()));
  DcmWriteCache cache;
  file.transferInit();
  const OFCondition status = file.write(stream, syntax, EET_ExplicitLength, &cache);
  file.transferEnd();
  must(status, "the file");
  void* bytes = nullptr;
  offile_off_t count = 0;
  stream.flushBuffer(bytes, count);
  return std::string(static_cast<const char*>(bytes), static_cast<size_t>(count));
}

std::string written(const Report& report, const StudyReferences& images, const SrOptions& options, Kind kind) {
  check_sr_references(images);
  set_up_dcmtk(kWhere);
  const DicomReference& frontal = *images.frontal;
  if (report.image_width > 0 && (report.image_width != frontal.columns || report.image_height != frontal.rows))
    throw Error(kWhere,
        fmt::format("the report is of a frontal of {} x {} px, the DICOM file's image has {} x {}", report.image_width,
            report.image_height, frontal.columns, frontal.rows),
        "Give the image the report was made from.");
  const auto new_uid = options.new_uid ? options.new_uid : new_dicom_uid;
  const std::string device_uid = options.device_uid.empty() ? installation_uid() : options.device_uid;
  int offset = options.utc_offset_minutes;
  const bool has_zone = read_utc_offset(frontal.timezone_offset, offset);
  const Clock now = clock_of(options, offset);

  const bool text = kind == Kind::kText;
  DSRDocument document(text                       ? DSRTypes::DT_BasicTextSR
                       : options.comprehensive_3d ? DSRTypes::DT_Comprehensive3DSR
                                                  : DSRTypes::DT_ComprehensiveSR);
  copy_patient_and_study(frontal, document);
  fill_header(report, kind, device_uid, now, document);
  const SrTreeInput input{report, images, options.coder, device_uid, new_uid, options.layout};
  if (text) build_sr_text_tree(document.getTree(), input);
  else build_sr_tree(document.getTree(), input);
  list_evidence(images, document);

  DcmFileFormat file;
  DcmDataset& data_set = *file.getDataset();
  must(document.write(data_set), "the structured report");
  copy_the_rest(frontal, data_set);
  name_the_model(report, now, data_set);
  put(data_set, DCM_SeriesInstanceUID, new_uid());
  put(data_set, DCM_SOPInstanceUID, new_uid());
  put(data_set, DCM_InstanceCreationDate, now.date);
  put(data_set, DCM_InstanceCreationTime, now.time);
  if (has_zone) put(data_set, DCM_TimezoneOffsetFromUTC, frontal.timezone_offset);
  return part10_bytes(file);
}

}  // namespace

void check_sr_references(const StudyReferences& images) {
  if (!images.frontal)
    throw Error(kWhere,
        "the frontal image is no DICOM file, and a DICOM structured report must name the images, the patient and the "
        "study it is of",
        "Give the frontal as DICOM, or ask for JSON or FHIR.");
  const auto check_image = [](const char* name, const DicomReference& image) {
    for (const auto& [uid, what] : {std::pair{&image.sop_class_uid, "SOP Class UID (0008,0016)"},
             {&image.sop_instance_uid, "SOP Instance UID (0008,0018)"},
             {&image.series_instance_uid, "Series Instance UID (0020,000E)"},
             {&image.study_instance_uid, "Study Instance UID (0020,000D)"}})
      if (uid->empty())
        throw Error(kWhere,
            fmt::format("the {} image's DICOM file has no valid {}, so a structured report cannot name it", name, what),
            "Give the file as the archive holds it, or ask for JSON or FHIR.");
  };
  check_image("frontal", *images.frontal);
  if (images.lateral) check_image("lateral", *images.lateral);
  if (images.prior) check_image("prior", *images.prior);
}

std::string to_dicom_sr(const Report& report, const StudyReferences& images, const SrOptions& options) {
  return written(report, images, options, Kind::kMeasurements);
}

std::string to_dicom_text_sr(const Report& report, const StudyReferences& images, const SrOptions& options) {
  return written(report, images, options, Kind::kText);
}

SrDocuments to_dicom_srs(const Report& report, const StudyReferences& images, const SrOptions& options) {
  check_sr_references(images);
  std::string text = to_dicom_text_sr(report, images, options);
  if (options.layout == SrLayout::kViewer && !has_regions(report, *images.frontal)) return {std::move(text), ""};
  return {to_dicom_sr(report, images, options), std::move(text)};
}

}  // namespace hilum
