// A report and the DICOM references it stands on, for the tests of the forms that leave Hilum.
#pragma once

#include "image/dicom_reference.h"
#include "report/finding_codes.h"
#include "report/report.h"

namespace hilum {

inline constexpr int64_t kTestTime = 1735812720;  // 2025-01-02T10:12:00Z

inline Report result_report() {
  Report r;
  r.study_id = "p000017";
  r.model_name = "tiny";
  r.weights_sha256 = std::string(64, 'a');
  r.version = "0.1.0";
  r.sampling = "greedy";
  r.findings = {
      {"There is a small left pleural effusion.", {{{0.605, 0.715, 0.885, 0.905}, {0.1, 0.2, 0.3, 0.4}}}, 0.93},
      {"The heart size is normal.", {}, 0.5}, {"Opacity in the right lung.", {{{-0.25, 0.5, 0.25, 1.75}}}, 0}};
  r.image_width = 2000;
  r.image_height = 1000;
  r.warnings = {"the prior report was dropped"};
  return r;
}

inline DicomReference test_reference(const std::string& study, const std::string& number) {
  DicomReference image;
  image.sop_class_uid = "1.2.840.10008.5.1.4.1.1.1";
  image.study_instance_uid = study;
  image.series_instance_uid = study + "." + number;
  image.sop_instance_uid = study + "." + number + ".1";
  image.rows = 1000;
  image.columns = 2000;
  image.patient_and_study = {{0x0008, 0x0020, "20250102"}, {0x0008, 0x0030, "101112"}, {0x0008, 0x0050, "ACC7"},
      {0x0008, 0x1030, "Thorax"}, {0x0010, 0x0010, "M\xc3\xbcller^Anna"}, {0x0010, 0x0020, "PAT 42"},
      {0x0010, 0x0021, "HOSP"}, {0x0010, 0x0030, "19600203"}, {0x0010, 0x0040, "F"}, {0x0010, 0x1010, "064Y"},
      {0x0020, 0x000d, study}, {0x0020, 0x0010, "7"}};
  return image;
}

inline StudyReferences test_references() {
  return {test_reference("1.2.3.4", "1"), test_reference("1.2.3.4", "2"), test_reference("1.2.3.3", "1")};
}

// Codes the effusion (left) and the opacity (right, of the lung).
inline std::optional<StatedFinding> test_coder(const std::string& sentence) {
  if (sentence.find("effusion") != std::string::npos)
    return StatedFinding{find_finding_code("Pleural Effusion", sentence), FindingSide::kLeft};
  if (sentence.find("Opacity") != std::string::npos)
    return StatedFinding{find_finding_code("Lung Opacity", "opacity"), FindingSide::kRight};
  return std::nullopt;
}

}  // namespace hilum
