#include "train/stage_run.h"

#include <algorithm>

#include "base/error.h"

namespace hilum {
namespace {

ParamGroups groups_of(const StageRecipe& recipe, size_t index, TrainTask& task) {
  ParamGroups groups(recipe.groups, task.params(), recipe.groups_at);
  groups.add_behind(task.groups(index));
  groups.freeze(task.params());
  return groups;
}

Schedule schedule_of(const StageRecipe& recipe, uint64_t epoch_samples) {
  Schedule schedule = recipe.schedule;
  const auto batch = static_cast<uint64_t>(recipe.batch);
  schedule.steps =
      recipe.steps > 0 ? recipe.steps : recipe.epochs * static_cast<int64_t>((epoch_samples + batch - 1) / batch);
  check(schedule.steps > 0, recipe.name.c_str(), "has no steps", "Say how many steps the stage takes.");
  return schedule;
}

}  // namespace

StageRun::StageRun(const Recipe& recipe, size_t index, TrainTask& task, TorchOps& ops, const RunState& state)
    : recipe_(recipe.stages[index]),
      epoch_(task.epoch_samples()),
      schedule_(schedule_of(recipe_, epoch_)),
      groups_(groups_of(recipe_, index, task)),
      objective_(task.objective(index)),
      optimizer_(make_optimizer(
          ops, {recipe_.beta1, recipe_.beta2, recipe_.eps}, objective_->params(), groups_, recipe_.weight_decay)),
      runner_(ops, recipe.run.workers, recipe_.micro_batch, objective_->params()),
      loader_([&task, index](uint64_t sample) { return task.sample(index, sample); },
          epoch_ > 0 ? state.stage_samples : state.next_sample, recipe.run.loader_threads, recipe.run.prefetch) {
  check(!optimizer_.entries().empty(), recipe_.groups_at.c_str(),
      "stage \"" + recipe_.name + "\" trains nothing: every parameter is frozen");
  check(recipe_.keep != StageRecipe::Keep::kBest || epoch_ > 0, recipe_.name.c_str(),
      "cannot keep the best weights: its samples have no end, so that no epoch is validated", "Keep the last.");
  if (recipe_.average_decay > 0) average_.emplace(recipe_.average_decay, optimizer_.entries());
}

double StageRun::progress(const RunState& state) const {
  const double by_steps = static_cast<double>(state.step) / static_cast<double>(schedule_.steps);
  return recipe_.max_minutes > 0 ? std::max(by_steps, state.stage_minutes / recipe_.max_minutes) : by_steps;
}

std::vector<TrainSample> StageRun::next_samples(const RunState& state) {
  auto count = static_cast<uint64_t>(recipe_.batch);
  if (epoch_ > 0) count = std::min(count, epoch_ - state.stage_samples % epoch_);
  std::vector<TrainSample> samples;
  while (samples.size() < count) samples.push_back(loader_.next());
  return samples;
}

void StageClock::count(size_t samples, const StepResult& result, RunState& state) {
  ++state.step;
  state.next_sample += samples;
  state.stage_samples += samples;
  state.epoch_loss += result.loss * static_cast<double>(samples);
  state.stage_minutes = stage_ + watch_.seconds() / 60;
  state.total_minutes = total_ + watch_.seconds() / 60;
  samples_ += static_cast<double>(samples);
  units_ += result.units;
}

void StageClock::restart_rates() {
  since_ = Stopwatch();
  samples_ = units_ = 0;
}

}  // namespace hilum
