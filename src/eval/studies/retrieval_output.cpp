// Retrieval scores as a table for the terminal and as JSON.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "eval/studies/retrieval.h"
#include "eval/text_table.h"

namespace hilum {

std::string retrieval_table(const RetrievalResult& result) {
  std::string out = fmt::format(
      "{} of {} embeddings{}; 95 % intervals from {} bootstrap draws of queries (seed {}), what is searched stays\n\n",
      result.num_studies, result.num_rows,
      result.options.other_patients ? ", only studies of other patients are found" : "", result.options.rounds,
      result.options.seed);
  TextTable table;
  std::string group;
  for (const RetrievalRow& row : result.rows) {
    if (row.group != group) table.heading(group = row.group);
    table.row({fmt::format("  {}", row.name), interval_text(row.value)});
  }
  out += table.text();
  if (!result.excluded.empty()) out += "\nleft out\n";
  for (const auto& [label, why] : result.excluded) out += fmt::format("  {}: {}\n", label, why);
  return out + problems_text(result.problems);
}

Json retrieval_json(const RetrievalResult& result) {
  Json json = {{"schema", "hilum.eval.embeddings/1"}, {"rows", result.num_rows}, {"scored", result.num_studies},
      {"other_patients", result.options.other_patients},
      {"bootstrap",
          {{"rounds", result.options.rounds}, {"seed", result.options.seed}, {"level", 0.95}, {"draws", "queries"}}}};
  json["metrics"] = Json::array();
  for (const RetrievalRow& row : result.rows) {
    Json one = {{"name", row.name}, {"variant", row.group}};
    one.update(interval_json(row.value));
    json["metrics"].push_back(std::move(one));
  }
  json["excluded"] = Json::array();
  for (const auto& [label, why] : result.excluded) json["excluded"].push_back({{"label", label}, {"why", why}});
  json["problems"] = problems_json(result.problems);
  return json;
}

}  // namespace hilum
