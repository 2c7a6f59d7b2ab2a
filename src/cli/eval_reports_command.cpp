#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "data/study.h"
#include "eval/compare_reports.h"
#include "report/json.h"

namespace hilum {
namespace {

// A predictions file of `hilum report`; rows with an error count as an empty report, so that they cost what they should.
System read_system(const fs::path& path, const std::string& name) {
  System system{name, {}};
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

}  // namespace

int run_eval_reports(const OptionValues& options) {
  set_up_from(options);
  for (const char* later : {"--chexbert", "--radgraph", "--by", "--plot"}) check(!options.maybe(later), later, "not in this version", "Leave it out.");
  const std::string policy = options.text("--uncertain");
  check(policy != "drop", "--uncertain", "drop is not in this version", "Use negative or positive.");
  CompareOptions how;
  how.uncertain = policy == "positive" ? Uncertain::kPositive : Uncertain::kNegative;
  how.rounds = static_cast<int>(options.integer("--bootstrap"));
  how.seed = static_cast<uint64_t>(options.integer("--seed"));
  how.strict = options.flag("--strict");
  std::vector<System> systems{read_system(options.text("PRED"), fs::path(options.text("PRED")).stem().string())};
  for (const std::string& other : options.all("--against")) systems.push_back(read_system(other, fs::path(other).stem().string()));
  const std::vector<Study> references = read_studies(options.text("REF"));
  const Comparison comparison = compare_reports(references, systems, how);
  if (const auto file = options.maybe("--json")) write_file(*file, comparison_json(comparison).dump(1) + "\n");
  fmt::print("{}", comparison_table(comparison));
  return 0;
}

}  // namespace hilum
