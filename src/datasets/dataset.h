// Public data sets, from the files as published to studies. One .cpp a reader, one table of readers; a reader goes on past what it cannot read
// and lists it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "data/study.h"

namespace hilum {

// Something of the data set that was left out, or kept with a remark: a row of problems.csv. Holds names and counts, never report text.
struct DatasetProblem {
  std::string file;       // relative to the data set's root where it lies there
  size_t row = 0;         // line of the file, from 1; 0: the file as a whole
  std::string study_id;   // empty where the row does not say
  bool kept = false;      // the study stays, with what the reason says
  std::string reason;
};

struct DatasetOptions {
  bool keep_missing_images = false;     // the manifest names images that are not there (yet); they are listed all the same
  std::filesystem::path reports;        // folder of the report texts where they lie elsewhere (MIMIC-CXR beside MIMIC-CXR-JPG)
};

// A study and when it was made, for priors: "YYYYMMDD HHMMSS" or any text that sorts by time within a patient; empty: not known.
struct SourceStudy {
  Study study;            // image paths as root / name, not yet relative to any manifest
  std::string when;
};

struct Dataset {
  std::vector<SourceStudy> studies;
  std::vector<DatasetProblem> problems;
  std::vector<std::pair<std::string, int64_t>> counts;   // what was met, in the order met: "rows", "images named", ...
};

class Collector;

struct DatasetReader {
  const char* name;       // of --dataset
  const char* title;
  const char* wants;      // the files it looks for under the root
  void (*read)(Collector& out);
};
const std::vector<DatasetReader>& dataset_readers();

// Throws Error for an unknown name (the nearest is named), a root that is not there, and where no file of the data set is under it.
// Everything smaller becomes a DatasetProblem. No study has neither image nor text nor labels; study ids are unique.
Dataset read_dataset(const std::string& name, const std::filesystem::path& root, const DatasetOptions& options = {});

// problems.csv: file,row,study_id,outcome,reason.
std::string problems_csv(const std::vector<DatasetProblem>& problems);

}  // namespace hilum
