#include "train/trainer.h"

#include <cmath>

#include <fmt/core.h>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/stopwatch.h"
#include "train/objectives/step_runner.h"
#include "train/optimise/schedule.h"
#include "train/threads/loader.h"
#include "train/train_log.h"

namespace hilum {
namespace {

AdamW make_optimizer(TorchOps& ops, const StageRecipe& stage, const ParamList& params) {
  std::vector<AdamW::Entry> entries;
  for (const Param* p : params) {
    if (p->frozen) continue;
    const bool of_encoder = p->name().rfind("encoder.", 0) == 0;
    const bool is_matrix =
        p->shape().rank() >= 2 && p->name().find("position") == std::string::npos && !p->name().ends_with("cls_token");
    entries.push_back({.name = p->name(),
        .value = ops.leaf(*p),
        .rate_factor = of_encoder ? stage.encoder_factor : 1.0,
        .decays = is_matrix});
  }
  return AdamW({stage.beta1, stage.beta2, stage.eps, stage.weight_decay}, std::move(entries));
}

}  // namespace

Trainer::Trainer(const Recipe& recipe, TrainTask& task, const TrainOptions& options)
    : recipe_(recipe),
      task_(task),
      options_(options),
      ops_({.device = options.device,
          .threads = recipe.run.threads_per_worker,
          .bf16_products = recipe.run.products == "bf16",
          .gradients = true}) {
  const bool exists = fs::exists(checkpoint_path());
  if (options_.resume) {
    check(exists, checkpoint_path().c_str(), "is missing: there is nothing to resume", "Start without --resume.");
    state_ = read_checkpoint_state(checkpoint_path());
    read_checkpoint_params(checkpoint_path(), task_.params());
    resumed_ = true;
  } else {
    check(!exists, options_.output.c_str(), "holds a run already", "Go on with --resume, or give another -o.");
    task_.initialise_params(task_.params());
  }
  fs::create_directories(options_.output);
  write_file(options_.output / "recipe.toml", recipe_.text);
  log_ = std::make_unique<TrainLog>(options_.output, state_.next_sample);
}

Trainer::~Trainer() = default;

void Trainer::run() {
  while (state_.stage < static_cast<int64_t>(recipe_.stages.size()) && !stopped_) {
    run_stage(recipe_.stages[static_cast<size_t>(state_.stage)]);
    if (stopped_) return;
    ++state_.stage;
    state_.step = 0;
    state_.stage_minutes = 0;
    write_checkpoint(checkpoint_path(), state_, recipe_.text, ops_, task_.params(), nullptr);
  }
}

void Trainer::run_stage(const StageRecipe& stage) {
  const std::unique_ptr<Objective> objective = task_.objective(stage);
  const ParamList all = task_.params();
  AdamW optimizer = make_optimizer(ops_, stage, objective->params());
  if (resumed_ && state_.step > 0) read_checkpoint_optimizer(checkpoint_path(), optimizer);

  StepRunner runner(ops_, recipe_.run.workers, stage.micro_batch, objective->params());
  const Schedule schedule{stage.learning_rate, stage.final_factor, stage.warmup_steps};
  Loader<TrainSample> loader([&](uint64_t index) { return task_.sample(stage, index); }, state_.next_sample,
      recipe_.run.loader_threads, recipe_.run.prefetch);
  Progress bar("train " + stage.name, stage.steps, "steps");
  const double earlier = state_.stage_minutes, earlier_total = state_.total_minutes;
  const Stopwatch watch;
  Stopwatch since_saved, since_logged;
  double samples = 0, units = 0;  // since the last log line
  const auto progress = [&] {
    const double by_steps = static_cast<double>(state_.step) / static_cast<double>(stage.steps);
    return stage.max_minutes > 0 ? std::max(by_steps, state_.stage_minutes / stage.max_minutes) : by_steps;
  };

  while (progress() < 1 && !stopped_) {
    std::vector<TrainSample> batch;
    for (int64_t i = 0; i < stage.batch; ++i) batch.push_back(loader.next());

    optimizer.clear_gradients();
    const StepResult result = runner.step(*objective, batch);
    const double norm = optimizer.clip_gradients(stage.clip_norm);
    if (!std::isfinite(result.loss) || !std::isfinite(norm))
      throw Error(fmt::format("stage \"{}\", step {}", stage.name, state_.step + 1),
          fmt::format("loss {} and gradient norm {} are not finite", result.loss, norm),
          "Lower learning_rate or clip_norm and go on from the last checkpoint with --resume.");
    const double rate = schedule.rate(state_.step, progress());
    optimizer.step(rate);

    ++state_.step;
    state_.next_sample += static_cast<uint64_t>(stage.batch);
    state_.stage_minutes = earlier + watch.seconds() / 60;
    state_.total_minutes = earlier_total + watch.seconds() / 60;
    samples += static_cast<double>(stage.batch);
    units += result.units;
    stopped_ = stop_after_step && stop_after_step(state_);
    const double seconds = since_logged.seconds();
    bar.update(state_.step,
        fmt::format("loss {:.4f}  {:.1f} samples/s  {:.0f} units/s", result.loss, samples / seconds, units / seconds));
    if (state_.step % recipe_.run.log_steps == 0 || state_.step == 1) {
      log_->write({stage.name, state_.step, state_.next_sample, result.loss, norm, rate, samples / seconds,
          units / seconds, state_.total_minutes, result.parts});
      since_logged = Stopwatch();
      samples = units = 0;
    }
    const bool by_steps = recipe_.run.checkpoint_steps > 0 && state_.step % recipe_.run.checkpoint_steps == 0;
    if (stopped_ || by_steps || since_saved.seconds() / 60 > recipe_.run.checkpoint_minutes) {
      write_checkpoint(checkpoint_path(), state_, recipe_.text, ops_, all, &optimizer);
      log_->draw(stage.name, stage.objective == StageObjective::kTokens ? "loss a token" : "loss a study");
      since_saved = Stopwatch();
    }
  }
  log_->draw(stage.name, stage.objective == StageObjective::kTokens ? "loss a token" : "loss a study");
  for (Param* p : all) ops_.store(*p);
}

}  // namespace hilum
