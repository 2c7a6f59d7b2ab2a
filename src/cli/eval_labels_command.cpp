#include <cmath>

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
namespace {

// A panel a label: its curve where there are scores, and where its decisions stand.
std::vector<LinePlot> roc_panels(const LabelEvaluation& evaluation) {
  std::vector<LinePlot> panels;
  for (const LabelResult& label : evaluation.labels) {
    const std::vector<RocPoint> curve = roc_curve(label.ranked);
    if (curve.empty()) continue;
    const Interval& area = label.metrics[kAuroc];
    LinePlot panel{.title = label.has_scores ? fmt::format("{}: {:.3f} [{:.3f}, {:.3f}]", label.label, area.value,
                                                   area.low, area.high)
                                             : label.label,
        .x_label = "1 - specificity",
        .y_label = "sensitivity",
        .lines = {},
        .width_px = 380,
        .height_px = 380,
        .y_range = {{0, 1}},
        .legend_low = true};
    PlotLine roc{label.has_scores ? "AUROC [95 %] in the title" : "decisions", {}, {}};
    for (const RocPoint& point : curve)
      roc.x.push_back(point.false_positive_rate), roc.y.push_back(point.true_positive_rate);
    panel.lines = {std::move(roc),
        {fmt::format("score >= {}", evaluation.options.threshold), {1 - label.metrics[kSpecificity].value},
            {label.metrics[kSensitivity].value}, true},
        {"chance", {0, 1}, {0, 1}}};
    panels.push_back(std::move(panel));
  }
  return panels;
}

}  // namespace

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
    const std::vector<LinePlot> panels = roc_panels(evaluation);
    check(!panels.empty(), "--plot", "no label has both classes", "Leave it out.");
    write_line_plots(panels, std::min<int>(4, static_cast<int>(panels.size())), *file);
  }
  fmt::print("{}", label_evaluation_table(evaluation));
  return 0;
}

}  // namespace hilum
