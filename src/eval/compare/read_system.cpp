#include "eval/compare/read_system.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/json_fields.h"
#include "eval/json_lines.h"
#include "report/json.h"

namespace hilum {
namespace {

// "findings": [] or "report": null, and nothing beside: the system answered, and said nothing.
bool says_nothing(const Json& row) {
  const auto empty = [&](const char* key) {
    const auto found = row.find(key);
    return found == row.end() || found->is_null() || (found->is_array() && found->empty());
  };
  return (row.contains("findings") || row.contains("report")) && empty("findings") && empty("report");
}

Report report_of_manifest_line(const Json& row, const std::string& where) {
  Report report;
  if (says_nothing(row)) {
    report.study_id = JsonFields(row, where).text("study_id");
    return report;
  }
  Json with_text = row;
  for (const char* key : {"findings", "report"})
    if (row.contains(key) && row[key].is_null()) with_text.erase(key);
  Study study = study_from_json(with_text.dump(), where);
  report.study_id = std::move(study.study_id);
  report.findings = std::move(study.findings);
  report.report = std::move(study.report);
  return report;
}

}  // namespace

System read_system(const std::filesystem::path& path, std::vector<Problem>* problems) {
  System system{path.stem().string(), {}};
  for_json_lines(read_file(path), path.string(), problems, [&](const std::string& line, const std::string& where) {
    const Json row = parse_json(line, where);
    if (row.is_object() && row.contains("error") && row.contains("study_id") && row["study_id"].is_string()) {
      Report failed;
      failed.study_id = row["study_id"].get<std::string>();
      system.reports.push_back(std::move(failed));
    } else if (row.is_object() && !row.contains("schema")) {
      system.reports.push_back(report_of_manifest_line(row, where));
    } else {
      system.reports.push_back(report_from_json(row, where));
    }
  });
  check(!system.reports.empty(), path.c_str(), "holds no report", "Name a predictions file of `hilum report`.");
  return system;
}

std::vector<Study> read_references(const std::filesystem::path& path, std::vector<Problem>& problems) {
  std::vector<Study> studies;
  const size_t before = problems.size();  // those of other files
  for_json_lines(read_file(path), path.string(), &problems,
      [&](const std::string& line, const std::string& where) { studies.push_back(study_from_json(line, where)); });
  check(!studies.empty(), path.c_str(), "holds no study that can be read",
      problems.size() == before ? "" : "The first problem: " + problem_text(problems[before]) + ".");
  return studies;
}

}  // namespace hilum
