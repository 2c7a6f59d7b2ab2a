// Ratings as a table for the terminal and as JSON.
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "eval/studies/ratings.h"
#include "eval/text_table.h"

namespace hilum {
namespace {

std::string p_text(double p) {
  return std::isnan(p) ? "-" : p < 1e-4 ? fmt::format("{:.2e}", p) : fmt::format("{:.4f}", p);
}

std::string test_text(const char* what, const MatchedTest& test) {
  if (test.treatments.size() < 2) return "";
  std::string out = fmt::format("\nbetween {} (blocks: {}; {} complete, {} left out as incomplete)\n", what,
      test.blocks, test.q.num_blocks, test.incomplete);
  if (std::isnan(test.q.q)) return out + "  Cochran's Q is not defined: every block answers alike\n";
  out += fmt::format("  Cochran's Q {:.4f}, {} degrees of freedom, p {}\n", test.q.q, test.q.df, p_text(test.q.p));
  TextTable table;
  table.row({"  McNemar", "first alone", "second alone", "exact p", "mid-p", "Holm's p (exact)", "chi2", "p",
      "corrected", "p"});
  for (const MatchedTest::Pair& pair : test.pairs)
    table.row({fmt::format("  {} / {}", test.treatments[pair.first], test.treatments[pair.second]),
        std::to_string(pair.test.b), std::to_string(pair.test.c), p_text(pair.test.exact_p), p_text(pair.test.mid_p),
        p_text(pair.holm_p), number_text(pair.test.chi2), p_text(pair.test.chi2_p), number_text(pair.test.corrected),
        p_text(pair.test.corrected_p)});
  return out + table.text();
}

void append_groups(TextTable& table, const std::vector<GroupGrades>& groups) {
  for (const GroupGrades& group : groups) {
    std::vector<std::string> row = {fmt::format("  {}", group.name)};
    int64_t total = 0;
    for (const int64_t count : group.grades) {
      row.push_back(std::to_string(count));
      total += count;
    }
    row.push_back(std::to_string(total));
    row.push_back(interval_text(group.success));
    table.row(std::move(row));
  }
}

Json groups_json(const std::vector<GroupGrades>& groups) {
  Json rows = Json::array();
  for (const GroupGrades& group : groups)
    rows.push_back({{"name", group.name}, {"grades", group.grades}, {"success", interval_json(group.success)}});
  return rows;
}

Json test_json(const MatchedTest& test) {
  Json json = {{"blocks", test.blocks}, {"treatments", test.treatments}, {"complete", test.q.num_blocks},
      {"incomplete", test.incomplete}, {"successes", test.q.column_sums}, {"q", json_number(test.q.q)},
      {"df", test.q.df}, {"p", json_number(test.q.p)}};
  json["mcnemar"] = Json::array();
  for (const MatchedTest::Pair& pair : test.pairs)
    json["mcnemar"].push_back({{"first", test.treatments[pair.first]}, {"second", test.treatments[pair.second]},
        {"b", pair.test.b}, {"c", pair.test.c}, {"exact_p", json_number(pair.test.exact_p)},
        {"mid_p", json_number(pair.test.mid_p)}, {"holm_p", json_number(pair.holm_p)},
        {"chi2", json_number(pair.test.chi2)}, {"chi2_p", json_number(pair.test.chi2_p)},
        {"corrected", json_number(pair.test.corrected)}, {"corrected_p", json_number(pair.test.corrected_p)}});
  return json;
}

}  // namespace

std::string ratings_table(const RatingsResult& result) {
  std::string out = fmt::format(
      "{} grades of {} studies; a success is a grade up to {}; 95 % intervals from {} bootstrap draws of studies (seed "
      "{})\n\n",
      result.num_ratings, result.num_studies, result.options.accept, result.options.rounds, result.options.seed);
  TextTable table;
  table.row({"", "1", "2", "3", "4", "n", "success"});
  table.heading("sources");
  append_groups(table, result.sources);
  table.heading("raters, all sources");
  append_groups(table, result.raters);
  out += table.text();
  for (size_t s = 0; s < result.differences.size(); ++s)
    out += fmt::format("{} minus {}: {}\n", result.sources[0].name, result.sources[s + 1].name,
        interval_text(result.differences[s], true));
  out += test_text("sources", result.between_sources) + test_text("raters", result.between_raters);
  return out + problems_text(result.problems);
}

Json ratings_json(const RatingsResult& result) {
  Json json = {{"schema", "hilum.eval.ratings/1"}, {"ratings", result.num_ratings}, {"studies", result.num_studies},
      {"accept", result.options.accept},
      {"bootstrap",
          {{"rounds", result.options.rounds}, {"seed", result.options.seed}, {"level", 0.95}, {"draws", "studies"}}},
      {"sources", groups_json(result.sources)}, {"raters", groups_json(result.raters)}};
  json["differences"] = Json::array();
  for (size_t s = 0; s < result.differences.size(); ++s) {
    Json row = {{"source", result.sources[0].name}, {"minus", result.sources[s + 1].name}};
    row.update(interval_json(result.differences[s]));
    json["differences"].push_back(std::move(row));
  }
  json["between_sources"] = test_json(result.between_sources);
  json["between_raters"] = test_json(result.between_raters);
  json["problems"] = problems_json(result.problems);
  return json;
}

}  // namespace hilum
