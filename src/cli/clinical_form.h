// `hilum report --format fhir` and `--format dicom-sr`: what is refused, and one study or many to bytes and files.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/options.h"
#include "engine/answer/write_report.h"
#include "engine/model.h"
#include "engine/study_request.h"
#include "image/dicom_reference.h"
#include "report/dicom_sr_tree.h"

namespace hilum {

bool is_clinical_form(const std::string& format);  // "fhir", "dicom-sr"

// Throws Error for the demo model without --allow-demo (DESIGN section 1), and for binary output on a terminal.
void check_clinical_form(const OptionValues& options, const Model& model, bool many);

// The bytes of a form; of dicom-sr a second document beside them, where there are two.
struct ClinicalBytes {
  std::string main, beside;
};

class ClinicalForm {
 public:
  // Reads what the images say of themselves. Throws Error, before anything is generated, where the form cannot be
  // written of them.
  ClinicalForm(const OptionValues& options, const StudyRequest& request);
  ClinicalBytes write(const Report& report) const;  // with its weights' sum set

 private:
  std::string format_;
  bool comprehensive_3d_;
  SrLayout layout_;
  StudyReferences references_;
};

// fhir: NDJSON in row order to -o FILE or stdout; a row that fails is an OperationOutcome. dicom-sr: a file a study in
// the folder -o, the narrative beside it, and a line {"study_id","file","text_file"} (the last where there is one) or
// {"study_id","error"} each on stdout. Returns the exit code.
int run_many_clinical(const OptionValues& options, const Model& model, const std::vector<StudyRequest>& requests,
    const ReportOptions& how);

// One study's form to -o or stdout; a second document to the file beside -o, else a warning says that it is not
// written.
void write_clinical(const OptionValues& options, const ClinicalBytes& bytes);

// Where the second document stands: "report.sr.dcm" -> "report.sr.text.dcm".
std::filesystem::path text_file_beside(const std::filesystem::path& file);

// The name of a study's file in that folder: letters, digits, dots, dashes, underscores of its id, and ".sr.dcm".
std::string sr_file_name(const std::string& study_id);

}  // namespace hilum
