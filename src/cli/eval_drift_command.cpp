#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/progress.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "cli/eval_options.h"
#include "cli/report_run.h"
#include "engine/batch/run_drift.h"
#include "eval/studies/drift_scores.h"

namespace hilum {

int run_eval_drift(const OptionValues& options) {
  set_up_from(options);
  const std::vector<StudyRequest> requests = read_requests(options.text("STUDIES"), {});
  const auto a = Model::load(options.text("MODEL_A"), backend_config(options)),
             b = Model::load(options.text("MODEL_B"), backend_config(options));
  ReportOptions how;
  how.task = options.maybe("--task").value_or(a->preset().default_task);
  how.max_new_tokens = static_cast<int>(options.integer("--max-new-tokens"));
  std::vector<DriftStudy> studies;
  std::vector<Problem> problems;
  Progress progress("drift", static_cast<int64_t>(requests.size()), "studies");
  RunConfig config = run_config(options, *a, requests, how, requests.size());
  config.sequences = std::min(config.sequences, run_config(options, *b, requests, how, requests.size()).sequences);
  run_drift(
      *a, *b, config, requests, how,
      [&](size_t i, StudyDrift drift) {
        studies.push_back({requests[i].study_id, drift.logits.kl, drift.logits.largest_kl, drift.logits.same_first,
            std::move(drift.a), std::move(drift.b)});
        progress.update(static_cast<int64_t>(i) + 1);
      },
      [&](size_t i, const Error& error) {
        problems.push_back({"studies", requests[i].study_id, error.what(), static_cast<int64_t>(i) + 1});
        progress.update(static_cast<int64_t>(i) + 1);
      });
  if (options.flag("--strict")) refuse(problems);
  const DriftResult result = score_drift(studies, static_cast<int64_t>(requests.size()), std::move(problems),
      {.rounds = bootstrap_rounds(options), .seed = static_cast<uint64_t>(options.integer("--seed"))});
  if (const auto file = options.maybe("--json")) write_file(*file, drift_json(result).dump(1) + "\n");
  fmt::print("{}", drift_table(result));
  return static_cast<int>(result.problems.empty() ? ExitCode::kDone : ExitCode::kSomeRowsFailed);
}

}  // namespace hilum
