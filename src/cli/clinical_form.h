// `hilum report --format fhir` and `--format dicom-sr`: what is refused, and one study or many to bytes and files.
#pragma once

#include <string>
#include <vector>

#include "cli/options.h"
#include "engine/answer/write_report.h"
#include "engine/model.h"
#include "engine/study_request.h"
#include "image/dicom_reference.h"

namespace hilum {

bool is_clinical_form(const std::string& format);  // "fhir", "dicom-sr"

// Throws Error for the demo model without --allow-demo (DESIGN section 1), and for binary output on a terminal.
void check_clinical_form(const OptionValues& options, const Model& model, bool many);

class ClinicalForm {
 public:
  // Reads what the images say of themselves. Throws Error, before anything is generated, where the form cannot be
  // written of them.
  ClinicalForm(const OptionValues& options, const StudyRequest& request);
  std::string write(const Report& report) const;  // with its weights' sum set

 private:
  std::string format_;
  bool comprehensive_3d_;
  StudyReferences references_;
};

// fhir: NDJSON in row order to -o FILE or stdout; a row that fails is an OperationOutcome. dicom-sr: a file a study in
// the folder -o, and a line {"study_id","file"} or {"study_id","error"} each on stdout. Returns the exit code.
int run_many_clinical(const OptionValues& options, const Model& model, const std::vector<StudyRequest>& requests,
    const ReportOptions& how);

// The name of a study's file in that folder: letters, digits, dots, dashes, underscores of its id, and ".sr.dcm".
std::string sr_file_name(const std::string& study_id);

}  // namespace hilum
