// What one report is asked for, and where such requests come from: one image, a manifest, or a folder of images.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/prompt_tokens.h"
#include "image/image_source.h"
#include "report/report.h"

namespace hilum {

struct StudyRequest {
  std::string study_id;
  ImageSource frontal, lateral, prior;  // empty: not there; the frontal is always there
  std::optional<std::string> indication, technique, comparison, prior_report;
  std::vector<Finding> reference;  // the manifest's findings, for box completion
  std::string trouble;             // not empty: this row cannot be run, and why
};

// What a prompt can show and say of the study; a task of one image shows that alone, whatever is here.
PromptInputs prompt_inputs(const StudyRequest& request);

// Sections and options that hold for every study of a run (the command line's).
struct RequestDefaults {
  std::optional<std::string> indication, technique, comparison, prior_report;
  bool without_lateral = false, without_prior = false;  // ablations: laterals, or priors and their reports, stay out
};

// One image file gives one request, named by the file without its ending; "x.jsonl" is read as a study manifest. A
// folder with a studies.jsonl is that manifest; one beside whose studies.jsonl names its frontal images is those rows
// of it. Any other folder gives, in name order, one study a StudyInstanceUID (its first frontal and first lateral by
// ViewPosition; further ones are told in the log and not used), its prior the frontal of the same PatientID's last
// study of an earlier StudyDate, and one study each other image, named as the file alone would be. Throws Error for a
// path that is none of these.
std::vector<StudyRequest> read_requests(const std::filesystem::path& input, const RequestDefaults& defaults);

// Every PNG, JPEG and DICOM file below a folder, in name order. Throws Error where there is none.
std::vector<std::filesystem::path> image_files(const std::filesystem::path& folder);

// "@FILE" is the file's text, anything else itself.
std::string text_or_file(const std::string& argument);

}  // namespace hilum
