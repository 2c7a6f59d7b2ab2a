// What reading a public data set gives: its studies, and what was left out of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "data/study.h"

namespace hilum {

// Something of the data set that was left out, or kept with a remark: a row of problems.csv. Holds names and counts,
// never report text.
struct DatasetProblem {
  std::string file;      // relative to the data set's root where it lies there
  size_t row = 0;        // line of the file, from 1; 0: the file as a whole
  std::string study_id;  // empty where the row does not say
  bool kept = false;     // the study stays, with what the reason says
  std::string reason;
};

struct DatasetOptions {
  bool keep_missing_images = false;  // the manifest names images that are not there (yet); they are listed all the same
  std::filesystem::path
      reports;  // folder of the report texts where they lie elsewhere (MIMIC-CXR beside MIMIC-CXR-JPG)
  std::filesystem::path
      unpack_to;  // folder where pictures are written that a data set holds inside a table; empty: none are read
};

// A study and when it was made, for priors: "YYYYMMDD HHMMSS" or any text that sorts by time within a patient; empty:
// not known.
struct SourceStudy {
  Study study;  // image paths as root / name, not yet relative to any manifest
  std::string when;
};

struct Dataset {
  std::vector<SourceStudy> studies;
  std::vector<DatasetProblem> problems;
  std::vector<std::pair<std::string, int64_t>> counts;  // what was met, in the order met: "rows", "images named", ...
};

// problems.csv: file,row,study_id,outcome,reason.
std::string problems_csv(const std::vector<DatasetProblem>& problems);

}  // namespace hilum
