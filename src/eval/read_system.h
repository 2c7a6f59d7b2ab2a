// A predictions file as evaluation takes it.
#pragma once

#include <filesystem>

#include "eval/match_studies.h"

namespace hilum {

// A .jsonl that `hilum report` wrote, one JSON report a line, named after the file. Rows with an error count as an empty report, so that
// they cost what they should. Throws Error naming file and line.
System read_system(const std::filesystem::path& path);

}  // namespace hilum
