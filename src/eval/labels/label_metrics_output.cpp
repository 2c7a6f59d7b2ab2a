// Presents a label evaluation: everything it shows, as a table, as JSON and as a plot, is decided here.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "eval/labels/label_metrics.h"
#include "eval/text_table.h"

namespace hilum {
namespace {

constexpr LabelMetric kShown[] = {kAuroc, kAveragePrecision, kAccuracy, kSensitivity, kSpecificity, kF1};

template <typename Metrics>
void append_metrics(std::vector<std::string>& row, const Metrics& metrics, bool with_scores) {
  for (const LabelMetric metric : kShown)
    if (with_scores || (metric != kAuroc && metric != kAveragePrecision)) row.push_back(interval_text(metrics[metric]));
}

std::string labels_table(const LabelEvaluation& evaluation) {
  const bool with_scores = std::any_of(
      evaluation.labels.begin(), evaluation.labels.end(), [](const LabelResult& l) { return l.has_scores; });
  TextTable table;
  std::vector<std::string> head = {"", "n", "positive"};
  for (const LabelMetric metric : kShown)
    if (with_scores || (metric != kAuroc && metric != kAveragePrecision)) head.push_back(label_metric_name(metric));
  table.row(std::move(head));
  for (const LabelResult& label : evaluation.labels) {
    std::vector<std::string> row = {label.label, std::to_string(label.kept), std::to_string(label.positives)};
    append_metrics(row, label.metrics, with_scores);
    table.row(std::move(row));
  }
  for (const MeanResult& mean : evaluation.means) {
    std::vector<std::string> row = {mean.name, "", ""};
    append_metrics(row, mean.metrics, with_scores);
    table.row(std::move(row));
    for (const LabelMetric metric : kShown)
      if (mean.num_defined[metric] > 0 && mean.num_defined[metric] < mean.num_labels)
        table.heading(fmt::format("  {}: over the {} of {} labels where it is defined", label_metric_name(metric),
            mean.num_defined[metric], mean.num_labels));
  }
  return table.text() + fmt::format("micro-F1 (counts of all labels added): {}\n", interval_text(evaluation.micro_f1));
}

// What some draws leave undefined: their intervals are of the other draws, and means of fewer labels.
std::string undefined_draws(const LabelEvaluation& evaluation) {
  const int rounds = evaluation.options.rounds;
  std::string out;
  const auto add = [&](const std::string& name, LabelMetric metric, int64_t draws, const char* how) {
    if (draws > 0)
      out += fmt::format("  {}, {}: {} of {} draws{}\n", name, label_metric_name(metric), draws, rounds, how);
  };
  for (const LabelResult& label : evaluation.labels)
    for (const LabelMetric metric : kShown)
      if (const Interval& interval = label.metrics[metric]; !std::isnan(interval.value))
        add(label.label, metric, rounds - interval.rounds, "");
  for (const MeanResult& mean : evaluation.means)
    for (const LabelMetric metric : kShown)
      if (mean.num_defined[metric] > 0) add(mean.name, metric, mean.draws_of_fewer[metric], " are of fewer labels");
  return out.empty() ? out : "\nnot defined in every draw (the interval is of the others)\n" + out;
}

template <typename Metrics>
Json metrics_json(const Metrics& metrics) {
  Json json = Json::object();
  for (int m = 0; m < kNumLabelMetrics; ++m)
    json[label_metric_name(static_cast<LabelMetric>(m))] = interval_json(metrics[m]);
  return json;
}

}  // namespace

std::string label_evaluation_table(const LabelEvaluation& evaluation) {
  const LabelEvalOptions& options = evaluation.options;
  std::string out =
      fmt::format("{} against {}: {} of {} studies; {}; 95 % intervals from {} bootstrap draws of studies (seed {})\n",
          evaluation.predictions, evaluation.references, evaluation.num_studies, evaluation.num_references,
          uncertain_name(options.uncertain), options.rounds, options.seed);
  if (evaluation.cells > 0)
    out += fmt::format("cells kept: {} of {} ({:.1f} %)\n", evaluation.cells_kept, evaluation.cells,
        100. * static_cast<double>(evaluation.cells_kept) / static_cast<double>(evaluation.cells));
  if (std::any_of(evaluation.labels.begin(), evaluation.labels.end(),
          [](const LabelResult& label) { return label.has_scores; }))
    out += fmt::format("decisions: score >= {}\n", options.threshold);
  if (!evaluation.labels.empty()) out += "\n" + labels_table(evaluation);
  if (!evaluation.targets.empty()) {
    TextTable table;
    table.row({"", "n", "mean absolute error", "mean error"});
    for (const TargetResult& target : evaluation.targets)
      table.row({target.target, std::to_string(target.kept), interval_text(target.mean_absolute_error),
          interval_text(target.mean_error, true)});
    out += "\n" + table.text();
  }
  out += undefined_draws(evaluation);
  if (!evaluation.excluded.empty()) out += "\nleft out\n";
  for (const ExcludedLabel& one : evaluation.excluded) out += fmt::format("  {}: {}\n", one.label, one.why);
  return out + problems_text(evaluation.problems);
}

Json label_evaluation_json(const LabelEvaluation& evaluation) {
  const LabelEvalOptions& options = evaluation.options;
  Json json = {{"schema", "hilum.eval.labels/1"}, {"predictions", evaluation.predictions},
      {"references", evaluation.references}, {"studies", evaluation.num_studies},
      {"reference_studies", evaluation.num_references}, {"uncertain", uncertain_name(options.uncertain)},
      {"threshold", options.threshold}, {"cells", evaluation.cells}, {"cells_kept", evaluation.cells_kept},
      {"bootstrap", {{"rounds", options.rounds}, {"seed", options.seed}, {"level", 0.95}, {"draws", "studies"}}}};
  json["labels"] = Json::array();
  for (const LabelResult& label : evaluation.labels)
    json["labels"].push_back({{"label", label.label}, {"n", label.kept}, {"positives", label.positives},
        {"scores", label.has_scores}, {"tp", label.counts.tp}, {"fp", label.counts.fp}, {"fn", label.counts.fn},
        {"tn", label.counts.tn}, {"metrics", metrics_json(label.metrics)}});
  json["means"] = Json::array();
  for (const MeanResult& mean : evaluation.means) {
    Json defined = Json::object(), fewer = Json::object();
    for (int m = 0; m < kNumLabelMetrics; ++m) {
      defined[label_metric_name(static_cast<LabelMetric>(m))] = mean.num_defined[m];
      fewer[label_metric_name(static_cast<LabelMetric>(m))] = mean.draws_of_fewer[m];
    }
    json["means"].push_back({{"name", mean.name}, {"labels", mean.num_labels}, {"labels_defined", defined},
        {"draws_of_fewer_labels", fewer}, {"metrics", metrics_json(mean.metrics)}});
  }
  json["micro_f1"] = interval_json(evaluation.micro_f1);
  json["targets"] = Json::array();
  for (const TargetResult& target : evaluation.targets)
    json["targets"].push_back({{"target", target.target}, {"n", target.kept},
        {"mean_absolute_error", interval_json(target.mean_absolute_error)},
        {"mean_error", interval_json(target.mean_error)}});
  json["excluded"] = Json::array();
  for (const ExcludedLabel& one : evaluation.excluded)
    json["excluded"].push_back({{"label", one.label}, {"why", one.why}});
  json["problems"] = problems_json(evaluation.problems);
  return json;
}

std::vector<LinePlot> roc_plots(const LabelEvaluation& evaluation) {
  std::vector<LinePlot> plots;
  for (const LabelResult& label : evaluation.labels) {
    const std::vector<RocPoint> curve = roc_curve(label.ranked);
    if (curve.empty()) continue;
    const Interval& area = label.metrics[kAuroc];
    PlotLine roc{.name = label.has_scores ? "AUROC [95 %] in the title" : "decisions", .x = {}, .y = {}};
    for (const RocPoint& point : curve) {
      roc.x.push_back(point.false_positive_rate);
      roc.y.push_back(point.true_positive_rate);
    }
    PlotLine decisions{.name = fmt::format("score >= {}", evaluation.options.threshold),
        .x = {1 - label.metrics[kSpecificity].value},
        .y = {label.metrics[kSensitivity].value},
        .dots = true};
    PlotLine chance{.name = "chance", .x = {0, 1}, .y = {0, 1}};
    plots.push_back({.title = label.has_scores ? fmt::format("{}: {:.3f} [{:.3f}, {:.3f}]", label.label, area.value,
                                                     area.low, area.high)
                                               : label.label,
        .x_label = "1 - specificity",
        .y_label = "sensitivity",
        .lines = {std::move(roc), std::move(decisions), std::move(chance)},
        .width_px = 380,
        .height_px = 380,
        .y_range = {{0, 1}},
        .legend_low = true});
  }
  return plots;
}

}  // namespace hilum
