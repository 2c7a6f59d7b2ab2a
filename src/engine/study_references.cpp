#include "engine/study_references.h"

#include "base/error.h"
#include "base/file.h"
#include "image/decode.h"
#include "report/dicom_sr.h"

namespace hilum {

StudyReferences read_study_references(const StudyRequest& request) {
  const auto read = [](const fs::path& path) -> std::optional<DicomReference> {
    if (path.empty() || !is_dicom_file(path)) return std::nullopt;
    const MappedFile file(path);
    return read_dicom_reference(file.bytes(), path.string());
  };
  return {read(request.frontal), read(request.lateral), read(request.prior)};
}

void check_sr_request(const StudyRequest& request, const StudyReferences& references) {
  const auto check_file = [](const fs::path& path, bool is_dicom) {
    if (path.empty() || is_dicom) return;
    if (!fs::exists(path)) throw Error(path.string(), "no such file", "Check the path.");
    throw Error(path.string(),
        "is no DICOM file, and a DICOM structured report must name the images, the patient and the study it is of",
        "Give the image as DICOM, or ask for JSON or FHIR.");
  };
  check_file(request.frontal, references.frontal.has_value());
  check_file(request.lateral, references.lateral.has_value());
  check_file(request.prior, references.prior.has_value());
  check_sr_references(references);
}

}  // namespace hilum
