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
#include "eval/compare/compare_output.h"
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

// The models that read texts, where the options name them.
ReportModels report_models(const OptionValues& options) {
  ReportModels models;
  if (const auto folder = options.maybe("--chexbert")) {
    const auto chexbert = std::make_shared<CheXbertLabeler>(*folder, backend_config(options));
    models.labeler = "CheXbert";
    models.label = [chexbert](std::span<const std::string> texts) {
      Progress progress("CheXbert", static_cast<int64_t>(texts.size()), "reports");
      return chexbert->label(texts, [&](int64_t done) { progress.update(done); });
    };
  }
  if (const auto folder = options.maybe("--radgraph")) {
    const auto radgraph = std::make_shared<RadGraphReader>(*folder, backend_config(options));
    models.grapher = fmt::format("RadGraph ({})", radgraph->name());
    models.graph = [radgraph](const std::string& text) { return radgraph->read(text); };
  }
  return models;
}

CompareOptions compare_options(const OptionValues& options) {
  CompareOptions how;
  how.uncertain = uncertain_policy(options);
  how.rounds = bootstrap_rounds(options);
  how.seed = static_cast<uint64_t>(options.integer("--seed"));
  how.strict = options.flag("--strict");
  how.by = split_by(options);
  how.by_patient = options.flag("--by-patient");
  how.box_completion = options.flag("--completion");
  return how;
}

}  // namespace

int run_eval_reports(const OptionValues& options) {
  set_up_from(options);
  CompareOptions how = compare_options(options);
  std::vector<Problem> problems;
  if (const auto file = options.maybe("--radfact-verdicts"))
    how.verdicts = std::make_shared<RadFactVerdicts>(parse_radfact_verdicts(read_file(*file), *file, problems));
  std::vector<System> systems{read_system(options.text("PRED"), &problems)};
  for (const std::string& other : options.all("--against")) systems.push_back(read_system(other, &problems));
  const std::vector<Study> references = read_references(options.text("REF"), problems);
  how.models = report_models(options);  // last: a file that is not there is told before a network is loaded
  const Comparison comparison = compare_reports(references, systems, how, std::move(problems));
  const auto published = options.maybe("--published");
  if (const auto file = options.maybe("--json")) {
    Json json = comparison_json(comparison);
    if (published) json["published"] = published_json(comparison, *published);
    write_file(*file, json.dump(1) + "\n");
  }
  if (const auto file = options.maybe("--plot")) write_bar_plot(comparison_bars(comparison), *file);
  fmt::print("{}", comparison_table(comparison));
  if (published) fmt::print("\n{}", published_table(comparison, *published));
  return 0;
}

}  // namespace hilum
