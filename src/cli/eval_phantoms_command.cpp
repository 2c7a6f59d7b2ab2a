#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "eval/compare/read_system.h"
#include "eval/studies/phantom_scores.h"
#include "plot/line_plot.h"

namespace hilum {
int run_eval_phantoms(const OptionValues& options) {
  set_up_from(options);
  const std::vector<StudyTruth> truth = read_truth(options.text("TRUTH"));
  const System system = read_system(options.text("PRED"));
  const PhantomScores scores = score_phantoms(truth, system.reports,
      {.rounds = static_cast<int>(options.integer("--bootstrap")),
          .seed = static_cast<uint64_t>(options.integer("--seed"))});
  if (const auto file = options.maybe("--json")) write_file(*file, phantom_scores_json(scores).dump(1) + "\n");
  fmt::print("{}", phantom_scores_table(scores));
  if (const auto file = options.maybe("--plot")) write_line_plots(contrast_plots(scores), 4, *file);
  return 0;
}

}  // namespace hilum
