// The table of readers: a public data set, from the files as published to studies. One .cpp a reader; a reader goes on
// past what it cannot read and lists it.
#pragma once

#include <string>
#include <vector>

#include "datasets/dataset.h"

namespace hilum {

class Collector;

struct DatasetReader {
  const char* name;  // of --dataset
  const char* title;
  const char* wants;  // the files it looks for under the root
  void (*read)(Collector& out);
};
const std::vector<DatasetReader>& dataset_readers();

// Throws Error for an unknown name (the nearest is named), a root that is not there, and where no file of the data set
// is under it. Everything smaller becomes a DatasetProblem. No study has neither image nor text nor labels; study ids
// are unique.
Dataset read_dataset(const std::string& name, const std::filesystem::path& root, const DatasetOptions& options = {});

}  // namespace hilum
