#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "cli/eval_options.h"
#include "eval/labels/label_metrics.h"
#include "plot/line_plot.h"

namespace hilum {
int run_eval_labels(const OptionValues& options) {
  set_up_from(options);
  LabelEvalOptions how;
  how.uncertain = uncertain_policy(options);
  how.threshold = options.real("--threshold");
  how.min_cases = options.integer("--min-cases");
  if (const auto labels = options.maybe("--labels")) how.labels = split_list(*labels);
  how.targets = options.all("--target");
  how.rounds = bootstrap_rounds(options);
  how.seed = static_cast<uint64_t>(options.integer("--seed"));
  how.strict = options.flag("--strict");
  std::vector<Problem> problems;
  const LabelTable predictions = read_label_table(options.text("PRED"), problems),
                   references = read_label_table(options.text("REF"), problems);
  const LabelEvaluation evaluation = evaluate_labels(predictions, references, how, std::move(problems));
  if (const auto file = options.maybe("--json")) write_file(*file, label_evaluation_json(evaluation).dump(1) + "\n");
  if (const auto file = options.maybe("--plot")) {
    const std::vector<LinePlot> panels = roc_plots(evaluation);
    check(!panels.empty(), "--plot", "no label has both classes", "Leave it out.");
    write_line_plots(panels, 4, *file);
  }
  fmt::print("{}", label_evaluation_table(evaluation));
  return 0;
}

}  // namespace hilum
