#include "eval/problems.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace hilum {

std::string problem_text(const Problem& problem) {
  std::string text = fmt::format("{}: ", problem.side);
  if (problem.row > 0) text += fmt::format("line {}: ", problem.row);
  if (!problem.study_id.empty()) text += fmt::format("study \"{}\": ", problem.study_id);
  return text + problem.problem;
}

std::string problems_text(const std::vector<Problem>& problems) {
  constexpr size_t kShown = 20;
  if (problems.empty()) return "";
  std::string out = fmt::format("\n{} problem{}\n", problems.size(), problems.size() == 1 ? "" : "s");
  for (size_t i = 0; i < std::min(kShown, problems.size()); ++i)
    out += fmt::format("  {}\n", problem_text(problems[i]));
  if (problems.size() > kShown) out += fmt::format("  and {} more (--json holds all)\n", problems.size() - kShown);
  return out;
}

Json problems_json(const std::vector<Problem>& problems) {
  Json rows = Json::array();
  for (const Problem& one : problems) {
    Json row = {{"side", one.side}, {"study_id", one.study_id}, {"problem", one.problem}};
    if (one.row > 0) row["line"] = one.row;
    rows.push_back(std::move(row));
  }
  return rows;
}

void refuse(const std::vector<Problem>& problems) {
  if (problems.empty()) return;
  throw Error("evaluation", fmt::format("{} problems; the first: {}", problems.size(), problem_text(problems.front())),
      "Mend the files, or leave --strict away to go on without these rows.");
}

}  // namespace hilum
