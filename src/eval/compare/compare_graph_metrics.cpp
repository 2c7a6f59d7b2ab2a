// RadGraph-F1 in its variants, where a reader of graphs is given.
#include <memory>

#include "eval/compare/compare_metrics.h"
#include "eval/graphs/radgraph.h"

namespace hilum {

void add_graph_metrics(std::vector<Metric>& metrics, const CompareInput& input) {
  if (input.reference_graphs.empty()) return;
  const auto scores =
      std::make_shared<std::vector<std::vector<RadGraphScores>>>(input.reports.size());  // [system][study]
  for (size_t s = 0; s < input.reports.size(); ++s)
    for (size_t i = 0; i < input.studies.size(); ++i)
      (*scores)[s].push_back(input.texts[s][i].empty() || input.reference_texts[i].empty()
                                 ? RadGraphScores{}
                                 : radgraph_scores(input.graphs[s][i], input.reference_graphs[i]));
  const std::string group = "RadGraph-F1, graphs by " + input.options.models.grapher + ", mean over studies";
  const auto add = [&](const char* name, double (*value)(const RadGraphScores&)) {
    metrics.push_back(
        mean_metric(group, name, each_study(input, [&](size_t s, size_t i) { return value((*scores)[s][i]); })));
  };
  add("simple (RG_E)", [](const RadGraphScores& s) { return s.simple; });
  add("partial (RG_ER)", [](const RadGraphScores& s) { return s.partial; });
  add("complete (RG_bar_ER)", [](const RadGraphScores& s) { return s.complete; });
  add("RadGraph F1 of Yu et al.", [](const RadGraphScores& s) { return s.yu(); });
}

}  // namespace hilum
