#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "data/study.h"
#include "eval/compare_reports.h"
#include "eval/read_system.h"

namespace hilum {
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
  std::vector<System> systems{read_system(options.text("PRED"))};
  for (const std::string& other : options.all("--against")) systems.push_back(read_system(other));
  const std::vector<Study> references = read_studies(options.text("REF"));
  const Comparison comparison = compare_reports(references, systems, how);
  if (const auto file = options.maybe("--json")) write_file(*file, comparison_json(comparison).dump(1) + "\n");
  fmt::print("{}", comparison_table(comparison));
  return 0;
}

}  // namespace hilum
