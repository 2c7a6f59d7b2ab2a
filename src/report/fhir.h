// A report as an HL7 FHIR R4 (4.0.1) DiagnosticReport: https://hl7.org/fhir/R4/diagnosticreport.html
#pragma once

#include <cstdint>
#include <string>

#include "base/json.h"
#include "image/dicom_reference.h"
#include "report/finding_codes.h"
#include "report/report.h"

namespace hilum {

inline constexpr const char* kFhirMediaType = "application/fhir+json";

struct FhirOptions {
  int64_t issued_s = 0;  // when the report was made, seconds since 1970-01-01 UTC
  FindingCoder coder;    // null: no finding gets a code
};

// status "preliminary" always; one contained Observation a finding (#f1, #f2, ...), a component a box (fractions of the
// original frontal); conclusion, narrative and presentedForm begin with the notice (result_notice), security label
// HTEST for the demo model. Patient, study and image are named by their DICOM identifiers as logical references (no
// server's ids are known); without DICOM there are none, and `subject`, `imagingStudy` and `derivedFrom`, all optional
// in R4, stay out. Token probabilities are not written: they are no certainty. The same arguments give the same
// document. Throws Error for a box that is not finite.
Json to_fhir(const Report& report, const StudyReferences& images, const FhirOptions& options);
// The same as text, UTF-8. indent < 0: one line, for NDJSON.
std::string to_fhir_text(
    const Report& report, const StudyReferences& images, const FhirOptions& options, int indent = 2);

// An OperationOutcome (severity "error") with `what` as its diagnostics; what a FHIR answer is where there is no
// report. `code`: an issue type of R4, e.g. "invalid", "not-supported", "exception".
Json fhir_error(const std::string& what, const std::string& code = "exception");

}  // namespace hilum
