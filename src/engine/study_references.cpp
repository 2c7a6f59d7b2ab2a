#include "engine/study_references.h"

#include "base/error.h"
#include "base/file.h"
#include "report/dicom_sr.h"

namespace hilum {

StudyReferences read_study_references(const StudyRequest& request) {
  const auto read = [](const ImageSource& source) -> std::optional<DicomReference> {
    if (source.empty() || !source.is_dicom()) return std::nullopt;
    if (!source.is_file()) return read_dicom_reference(source.bytes(), source.name());
    const MappedFile file(source.path());
    return read_dicom_reference(file.bytes(), source.name());
  };
  return {read(request.frontal), read(request.lateral), read(request.prior)};
}

void check_sr_request(const StudyRequest& request, const StudyReferences& references) {
  const auto check_source = [](const ImageSource& source, bool is_dicom) {
    if (source.empty() || is_dicom) return;
    if (source.is_file() && !fs::exists(source.path())) throw Error(source.name(), "no such file", "Check the path.");
    throw Error(source.name(),
        "is no DICOM file, and a DICOM structured report must name the images, the patient and the study it is of",
        "Give the image as DICOM, or ask for JSON or FHIR.");
  };
  check_source(request.frontal, references.frontal.has_value());
  check_source(request.lateral, references.lateral.has_value());
  check_source(request.prior, references.prior.has_value());
  check_sr_references(references);
}

}  // namespace hilum
