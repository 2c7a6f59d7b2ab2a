#include "eval/read_system.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "report/json.h"

namespace hilum {

System read_system(const std::filesystem::path& path) {
  System system{path.stem().string(), {}};
  const std::string text = read_file(path);
  size_t number = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    ++number;
    if (line.find_first_not_of(" \r") == std::string::npos) continue;
    const std::string where = path.string() + ": line " + std::to_string(number);
    const Json row = parse_json(line, where);
    if (row.is_object() && row.contains("error") && row.contains("study_id") && row["study_id"].is_string()) {
      Report failed;
      failed.study_id = row["study_id"].get<std::string>();
      system.reports.push_back(std::move(failed));
    } else {
      system.reports.push_back(report_from_json(row, where));
    }
  }
  check(!system.reports.empty(), path.c_str(), "holds no report", "Name a predictions file of `hilum report`.");
  return system;
}

}  // namespace hilum
