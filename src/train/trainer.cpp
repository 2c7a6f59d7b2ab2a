#include "train/trainer.h"

#include <cmath>

#include <fmt/core.h>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/stopwatch.h"
#include "train/memory_plan.h"
#include "train/stage_run.h"
#include "train/step_failure.h"
#include "train/train_log.h"

namespace hilum {

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
    take_up();
  } else {
    check(!exists, options_.output.c_str(), "holds a run already", "Go on with --resume, or give another -o.");
    task_.initialise_params(task_.params());
  }
}

Trainer::~Trainer() = default;

void Trainer::take_up() {
  bool workers_differ = false;
  const RecipeDifference other =
      first_difference(read_checkpoint_recipe(checkpoint_path()), recipe_.text, &workers_differ);
  if (!other.key.empty())
    throw Error(checkpoint_path().string(),
        fmt::format("is of another recipe: {} was {}, and is {} now", other.key, other.then, other.now),
        "Resume with the recipe it was begun with (recipe.toml beside it), or begin another run with another -o.");
  if (workers_differ)
    log_warning(
        "the run was begun with other workers or threads: its last digits will not be those of one that was not "
        "stopped");
  state_ = read_checkpoint_state(checkpoint_path());
  read_checkpoint_params(checkpoint_path(), task_.params());
  resumed_ = true;
}

void Trainer::run() {
  fs::create_directories(options_.output);
  write_file(options_.output / "recipe.toml", recipe_.text);
  log_ = std::make_unique<TrainLog>(options_.output, state_.next_sample);
  while (state_.stage < static_cast<int64_t>(recipe_.stages.size())) {
    if (state_.step == 0) state_.kept_epoch = 0;
    run_stage(static_cast<size_t>(state_.stage));
    if (stopped_) return;
    state_ = {.stage = state_.stage + 1,
        .next_sample = state_.next_sample,
        .total_minutes = state_.total_minutes,
        .kept_epoch = state_.kept_epoch,
        .kept_score = state_.kept_score};
    save(nullptr);
  }
}

void Trainer::dry_run() {
  for (auto index = static_cast<size_t>(state_.stage); index < recipe_.stages.size(); ++index) {
    StageRun stage(recipe_, index, task_, ops_, state_);
    tell_memory(stage, index);
  }
}

void Trainer::run_stage(size_t index) {
  StageRun stage(recipe_, index, task_, ops_, state_);
  tell_memory(stage, index);
  if (resumed_ && state_.step > 0) read_checkpoint_stage(checkpoint_path(), stage.weights());
  const StageRecipe& recipe = stage.recipe();
  Progress bar("train " + recipe.name, stage.steps(), "steps");
  StageClock clock(state_);
  Stopwatch since_saved;

  while (stage.progress(state_) < 1 && !stopped_) {
    const std::vector<TrainSample> samples = stage.next_samples(state_);

    stage.optimizer().clear_gradients();
    const StepResult result = stage.runner().step(stage.objective(), samples);
    const double norm = stage.optimizer().clip_gradients(recipe.clip_norm);
    if (!std::isfinite(result.loss) || !std::isfinite(norm)) fail(stage, result, norm, samples);
    const double rate = stage.rate(state_);
    stage.optimizer().step(rate);
    if (stage.average()) stage.average()->update();

    clock.count(samples.size(), result, state_);
    if (stage.epoch_ended(state_)) end_epoch(stage);
    stopped_ = stop_after_step && stop_after_step(state_);
    bar.update(state_.step, fmt::format("loss {:.4f}  {:.1f} samples/s  {:.0f} units/s{}", result.loss,
                                clock.samples_per_s(), clock.units_per_s(), validation_note_));
    const int64_t every = recipe_.run.log_steps, saves = recipe_.run.checkpoint_steps;
    if (every > 0 && (state_.step % every == 0 || state_.step == 1)) {
      log_->write({recipe.name, state_.step, state_.next_sample, result.loss, norm, rate, clock.samples_per_s(),
          clock.units_per_s(), state_.total_minutes, result.parts});
      clock.restart_rates();
    }
    if (stopped_ || (saves > 0 && state_.step % saves == 0) ||
        since_saved.seconds() / 60 > recipe_.run.checkpoint_minutes) {
      const StageWeights weights = stage.weights();
      save(&weights);
      log_->draw(recipe.name, task_.loss_unit(index));
      since_saved = Stopwatch();
    }
  }
  log_->draw(recipe.name, task_.loss_unit(index));
  keep_weights(stage);
}

void Trainer::tell_memory(StageRun& stage, size_t index) {
  if (options_.device != "cpu") return;  // the counts below are of the host's memory
  const double available = memory_for_this_process();
  const MemoryPlan plan = plan_memory(recipe_, index, task_, ops_, stage, state_);
  log_info(fmt::format("stage \"{}\", {} steps: {}", stage.recipe().name, stage.steps(), plan.text(available)));
  check_memory(plan, available, stage.recipe().name);
}

void Trainer::end_epoch(StageRun& stage) {
  const ParamList all = task_.params();
  for (Param* p : all) ops_.store(*p);
  const std::optional<Validation> found = task_.validate();
  const bool wants_best = stage.recipe().keep == StageRecipe::Keep::kBest;
  if (!wants_best || !found || state_.kept_epoch == 0 || found->score < state_.kept_score) {
    state_.kept_epoch = stage.epoch(state_);
    state_.kept_score = found ? found->score : 0;
    if (wants_best)
      for (const Param* p : all) stage.best()[p->name()] = p->data();  // store() above gave each data of its own
  }
  log_->write_epoch(stage.epoch(state_), state_.epoch_loss / static_cast<double>(stage.epoch_samples()),
      found ? found->metrics : "", state_.next_sample);
  validation_note_ = found ? "  " + found->note : "";
  state_.epoch_loss = 0;
}

void Trainer::keep_weights(StageRun& stage) {
  if (stopped_) return;  // the weights to go on with are in the checkpoint
  if (stage.recipe().keep == StageRecipe::Keep::kAverage) stage.average()->replace_weights();
  for (Param* p : task_.params()) {
    ops_.store(*p);
    if (const auto best = stage.best().find(p->name()); best != stage.best().end()) p->set_data(best->second);
  }
}

void Trainer::fail(StageRun& stage, const StepResult& result, double norm, const std::vector<TrainSample>& samples) {
  const Error error = step_failure(fmt::format("stage \"{}\", step {}", stage.recipe().name, state_.step + 1), result,
      norm, samples, stage.optimizer());
  log_->write_event("stopped", error.what());
  throw error;
}

void Trainer::save(const StageWeights* stage) {
  try {
    write_checkpoint(checkpoint_path(), state_, recipe_.text, ops_, task_.params(), stage);
  } catch (const Error& error) {
    if (!fs::exists(checkpoint_path())) throw;
    const RunState before = read_checkpoint_state(checkpoint_path());
    throw Error(error.where(),
        fmt::format(
            "{}. The checkpoint of stage {}, step {} is as it was", error.problem(), before.stage + 1, before.step),
        "Make room, then go on from it with --resume.");
  }
}

}  // namespace hilum
