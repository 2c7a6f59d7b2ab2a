// The folder that `hilum curate` writes.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "datasets/curation/curate.h"
#include "datasets/curation/splits.h"

namespace hilum {

struct CurationRecord {
  std::string dataset, root;
  CurateOptions options;
  std::vector<std::pair<std::string, int64_t>> source_counts;  // Dataset::counts
  std::vector<DatasetProblem> problems;                        // the reader's and the curation's
  std::vector<Leak> leaks;
  double seconds = 0;
};

// studies.jsonl (paths relative to `folder`), counts.json, problems.csv, dropped.csv (which holds sentences of the
// reports: it stays where the data may be), leaks.csv where anything was found, and with the rules "xraygpt"
// filter_cap.json, the list that XrayGPT trains on.
void write_curation(const std::filesystem::path& folder, const Curation& curation, const CurationRecord& record);

// The counts as lines for a terminal.
std::string counts_table(const Curation& curation, const CurationRecord& record);

// Copies of the studies' pictures with an even histogram (8-bit grey, as Pillow's ImageOps.equalize) under
// folder/images; the studies name them from then on. A picture that cannot be read is listed and keeps its name.
void equalise_pictures(
    std::vector<SourceStudy>& studies, const std::filesystem::path& folder, std::vector<DatasetProblem>& problems);

}  // namespace hilum
