// A predictions file as evaluation takes it.
#pragma once

#include <filesystem>

#include "eval/compare/match_studies.h"

namespace hilum {

// A .jsonl, one report a line, named after the file: what `hilum report` writes, or lines of the study manifest's form
// ("study_id" and "findings" or "report"), as other systems' reports are easily put. Rows of `hilum report` with an
// error count as an empty report, so that they cost what they should. Lines that cannot be read are problems; without
// `problems`, throws Error naming file and line.
System read_system(const std::filesystem::path& path, std::vector<Problem>* problems = nullptr);

// A study manifest whose lines that cannot be read (not JSON, not UTF-8, a box outside 0..1 or inverted, an unknown
// label) are problems. Throws Error when nothing is left.
std::vector<Study> read_references(const std::filesystem::path& path, std::vector<Problem>& problems);

}  // namespace hilum
