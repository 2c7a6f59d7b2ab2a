#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/progress.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "cli/eval_options.h"
#include "cli/report_run.h"
#include "engine/annotate/chexbert_labeler.h"
#include "engine/annotate/radgraph_reader.h"
#include "eval/compare/compare_reports.h"
#include "eval/compare/published_figures.h"
#include "eval/compare/read_system.h"
#include "plot/bar_plot.h"

namespace hilum {
namespace {

SplitBy split_by(const OptionValues& options) {
  const std::string field = options.text("--by");
  return field == "sex"    ? SplitBy::kSex
         : field == "age"  ? SplitBy::kAge
         : field == "view" ? SplitBy::kView
                           : SplitBy::kNothing;
}

Bar bar_of(const Interval& interval, double scale) {
  return {interval.value * scale, interval.low * scale, interval.high * scale};
}

// A bar a system, or with --by a bar a group of the first system. BLEU of 0-100 is drawn as 0-1.
BarPlot bars_of(const Comparison& comparison) {
  const bool by_group = !comparison.groups.empty();
  BarPlot plot{.title = fmt::format("{} studies, 95 % bootstrap intervals", comparison.studies.size()),
      .series = {},
      .rows = {}};
  if (by_group) {
    plot.title = fmt::format("{}: {}", comparison.systems[0], plot.title);
    for (const CompareGroup& group : comparison.groups)
      plot.series.push_back(fmt::format("{} (n {})", group.name, group.num_studies));
  } else {
    plot.series = comparison.systems;
  }
  std::string variant;
  for (size_t m = 0; m < comparison.metrics.size(); ++m) {
    const MetricRow& metric = comparison.metrics[m];
    if (std::isnan(metric.systems[0].value)) continue;
    if (metric.group != variant) plot.rows.push_back({variant = metric.group, {}});
    const double scale = metric.group.ends_with("(0-100)") ? .01 : 1;
    BarRow row{metric.name, {}};
    if (by_group)
      for (const CompareGroup& group : comparison.groups)
        row.bars.push_back(bar_of(group.metrics[m].systems[0], scale));
    else
      for (const Interval& interval : metric.systems) row.bars.push_back(bar_of(interval, scale));
    plot.rows.push_back(std::move(row));
  }
  return plot;
}

}  // namespace

int run_eval_reports(const OptionValues& options) {
  set_up_from(options);
  CompareOptions how;
  how.uncertain = uncertain_policy(options);
  how.rounds = bootstrap_rounds(options);
  how.seed = static_cast<uint64_t>(options.integer("--seed"));
  how.strict = options.flag("--strict");
  how.by = split_by(options);
  how.by_patient = options.flag("--by-patient");
  how.box_completion = options.flag("--completion");
  std::optional<CheXbertLabeler> chexbert;
  if (const auto folder = options.maybe("--chexbert")) {
    chexbert.emplace(*folder, backend_config(options));
    how.models.labeler = "CheXbert";
    how.models.label = [&](std::span<const std::string> texts) {
      Progress progress("CheXbert", static_cast<int64_t>(texts.size()), "reports");
      return chexbert->label(texts, [&](int64_t done) { progress.update(done); });
    };
  }
  std::optional<RadGraphReader> radgraph;
  if (const auto folder = options.maybe("--radgraph")) {
    radgraph.emplace(*folder, backend_config(options));
    how.models.grapher = "RadGraph (" + radgraph->name() + ")";
    how.models.graph = [&](const std::string& text) { return radgraph->read(text); };
  }
  std::vector<Problem> problems;
  if (const auto file = options.maybe("--radfact-verdicts"))
    how.verdicts = std::make_shared<RadFactVerdicts>(parse_radfact_verdicts(read_file(*file), *file, problems));
  std::vector<System> systems{read_system(options.text("PRED"), &problems)};
  for (const std::string& other : options.all("--against")) systems.push_back(read_system(other, &problems));
  const std::vector<Study> references = read_references(options.text("REF"), problems);
  const Comparison comparison = compare_reports(references, systems, how, std::move(problems));
  const auto published = options.maybe("--published");
  if (const auto file = options.maybe("--json")) {
    Json json = comparison_json(comparison);
    if (published) json["published"] = published_json(comparison, *published);
    write_file(*file, json.dump(1) + "\n");
  }
  if (const auto file = options.maybe("--plot")) write_bar_plot(bars_of(comparison), *file);
  fmt::print("{}", comparison_table(comparison));
  if (published) fmt::print("\n{}", published_table(comparison, *published));
  return 0;
}

}  // namespace hilum
