// The study manifest: one study a line of studies.jsonl (DESIGN section 6). What every reader, the phantom and curation
// write, and training and evaluation read.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "image/image.h"
#include "report/report.h"

namespace hilum {

struct StudyImage {
  std::filesystem::path path;  // relative to the manifest in the file; resolved against it once read
  std::string view =
      "frontal";  // "frontal", "lateral", "prior_frontal", "prior_lateral"; "other": of another kind, or not known
};

struct Dialogue {
  struct Turn {
    std::string question, answer;
  };
  std::vector<Turn> turns;
};

struct Study {
  std::string study_id, patient_id, split, sex;
  std::optional<int> age_months;
  std::vector<StudyImage> images;
  std::optional<std::string> indication, technique, comparison, prior_report;
  std::vector<Finding> findings;  // boxes in 0..1 of the ORIGINAL frontal image
  std::string impression;
  std::map<std::string, int> labels;  // the 14 CheXpert names: 1, 0, -1; absent: not mentioned
  std::string class_set;              // a data set's own classes
  std::vector<std::string> classes;
  std::map<std::string, double> targets;
  std::vector<Dialogue> dialogues;
  std::optional<std::string> report;

  // The first image of a view, or null.
  const StudyImage* image(const std::string& view) const {
    for (const StudyImage& candidate : images)
      if (candidate.view == view) return &candidate;
    return nullptr;
  }
};

// Reads a manifest; paths are resolved against its folder. Throws Error naming file and line.
std::vector<Study> read_studies(const std::filesystem::path& manifest);
// One line of JSON, keys in the order of DESIGN section 6, absent fields left out. Paths are written as they stand.
std::string study_to_json(const Study& study);
// Parses one line. `where` names file and line in errors.
Study study_from_json(const std::string& line, const std::string& where);

// The 14 CheXpert observations in the order of the evaluation sheet.
extern const std::vector<std::string> kChexpertLabels;

}  // namespace hilum
