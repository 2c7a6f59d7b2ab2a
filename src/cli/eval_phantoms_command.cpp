#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "eval/compare/read_system.h"
#include "eval/studies/phantom_scores.h"
#include "plot/line_plot.h"

namespace hilum {
namespace {

// A panel a kind: F1 and box recall against contrast-to-noise.
std::vector<LinePlot> contrast_panels(const PhantomScores& scores) {
  std::vector<LinePlot> panels;
  for (const KindScore& kind : scores.kinds) {
    if (kind.bins.empty()) continue;
    LinePlot panel{.title = fmt::format("{} ({})", kind.kind, kind.positives),
        .x_label = "contrast to noise",
        .y_label = "",
        .lines = {{"F1", {}, {}}, {"box recall", {}, {}}},
        .width_px = 380,
        .height_px = 300,
        .y_range = {{0, 1}}};
    for (const ContrastBin& bin : kind.bins) {
      panel.lines[0].x.push_back(bin.contrast), panel.lines[0].y.push_back(bin.f1);
      panel.lines[1].x.push_back(bin.contrast), panel.lines[1].y.push_back(bin.box_recall);
    }
    panels.push_back(std::move(panel));
  }
  return panels;
}

}  // namespace

int run_eval_phantoms(const OptionValues& options) {
  set_up_from(options);
  const std::vector<StudyTruth> truth = read_truth(options.text("TRUTH"));
  const System system = read_system(options.text("PRED"));
  const PhantomScores scores = score_phantoms(truth, system.reports,
      {.rounds = static_cast<int>(options.integer("--bootstrap")),
          .seed = static_cast<uint64_t>(options.integer("--seed"))});
  if (const auto file = options.maybe("--json")) write_file(*file, phantom_scores_json(scores).dump(1) + "\n");
  if (const auto file = options.maybe("--plot")) write_line_plots(contrast_panels(scores), 4, *file);
  fmt::print("{}", phantom_scores_table(scores));
  return 0;
}

}  // namespace hilum
