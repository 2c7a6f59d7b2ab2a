#include "train/memory_plan.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>
#include <fmt/core.h>

#include "base/error.h"

namespace hilum {
namespace {

// The type of the totals that libtorch reports, which differs between its versions.
template <typename Total>
Total total_of(void (c10::MemoryReportingInfoBase::*)(void*, int64_t, Total, Total, c10::Device));
using Total = decltype(total_of(&c10::MemoryReportingInfoBase::reportMemoryUsage));

// Counts what libtorch allocates for this thread.
class Allocations final : public c10::MemoryReportingInfoBase {
 public:
  void reportMemoryUsage(void*, int64_t size, Total, Total, c10::Device) override {
    now_ += size;
    peak_ = std::max(peak_, now_);
  }
  bool memoryProfilingEnabled() const override { return true; }
  double peak() const { return static_cast<double>(peak_); }

 private:
  int64_t now_ = 0, peak_ = 0;
};

// Peak bytes of a step on these samples in one piece.
double peak_of_step(StageRun& run, TorchOps& ops, std::span<const TrainSample> samples) {
  const auto allocations = std::make_shared<Allocations>();
  {
    const c10::DebugInfoGuard guard(c10::DebugInfoKind::PROFILER_STATE, allocations);
    StepRunner(ops, 1, static_cast<int64_t>(samples.size()), run.objective().params()).step(run.objective(), samples);
    run.optimizer().clear_gradients();
  }
  return allocations->peak();
}

double bytes_of(const TrainSample& s) {
  return 4.0 *
         static_cast<double>(s.pixels.size() + s.embedding.size() + s.ids.size() + s.weights.size() + s.labels.size() +
                             s.patch_labels.size() + s.patch_weights.size() + s.patch_boxes.size());
}

// "KEY: N kB" of a file of /proc, in bytes; 0 where it is not there.
double kilobytes(const char* path, const std::string& key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name;
    double value = 0;
    if (words >> name >> value && name == key + ":") return value * 1024;
  }
  return 0;
}

double number_in(const char* path) {  // not a number: no such file, or "max"
  std::ifstream file(path);
  double value = 0;
  return file >> value ? value : std::nan("");
}

std::string size_text(double bytes) {
  return bytes < 1e9 ? fmt::format("{:.1f} MB", bytes / 1e6) : fmt::format("{:.2f} GB", bytes / 1e9);
}

}  // namespace

int64_t MemoryPlan::largest_micro_batch(double available) const {
  const double left = (available - (total() - activations())) / workers - fixed;
  return left < a_sample ? 0 : static_cast<int64_t>(left / std::max(a_sample, 1.0));
}

std::string MemoryPlan::text(double available) const {
  return fmt::format(
      "{} parameters are trained, {} are frozen. Memory: weights {}, gradients {}, optimiser {}, checkpoint {}, "
      "samples {}, activations {} ({} x {} samples at once); together {} of {}",
      trained, frozen, size_text(weights), size_text(gradients), size_text(optimizer), size_text(checkpoint),
      size_text(samples), size_text(activations()), workers, micro_batch, size_text(total()), size_text(available));
}

MemoryPlan plan_memory(
    const Recipe& recipe, size_t stage, TrainTask& task, TorchOps& ops, StageRun& run, const RunState& state) {
  MemoryPlan plan{.workers = recipe.run.workers, .micro_batch = std::min(run.recipe().micro_batch, run.recipe().batch)};
  double trained = 0, all = 0;
  for (const AdamW::Entry& entry : run.optimizer().entries()) trained += static_cast<double>(entry.value.numel());
  for (const Param* p : task.params()) all += static_cast<double>(p->shape().count());
  plan.trained = static_cast<int64_t>(trained);
  plan.frozen = static_cast<int64_t>(all - trained);
  plan.weights = 8 * all;
  plan.gradients = 4 * trained * plan.workers;
  plan.checkpoint = (run.average() ? 12 : 8) * trained;
  plan.optimizer = plan.checkpoint + (run.recipe().keep == StageRecipe::Keep::kBest ? 4 * trained : 0);

  constexpr uint64_t kLooked = 8;
  std::vector<TrainSample> samples;
  const uint64_t first = task.epoch_samples() > 0 ? state.stage_samples : state.next_sample;
  for (uint64_t i = 0; i < kLooked; ++i) samples.push_back(task.sample(stage, first + i));
  std::stable_sort(samples.begin(), samples.end(), [](const TrainSample& a, const TrainSample& b) {
    return std::pair(a.ids.size(), a.pixels.size()) > std::pair(b.ids.size(), b.pixels.size());
  });
  plan.samples = bytes_of(samples[0]) * static_cast<double>(recipe.run.prefetch + run.recipe().batch);
  const std::span<const TrainSample> largest(samples);
  for (const Param* p : run.objective().params()) ops.leaf(*p);  // weights, which are counted above
  run.optimizer().clear_gradients();                             // those of the stage before are no part of a step
  const double one = peak_of_step(run, ops, largest.first(1)), two = peak_of_step(run, ops, largest.first(2));
  plan.a_sample = std::max(0.0, two - one);
  plan.fixed = std::max(0.0, one - plan.a_sample - 4 * trained);  // a worker's gradients are counted above
  return plan;
}

void check_memory(const MemoryPlan& plan, double available, const std::string& stage) {
  if (plan.total() <= available) return;
  const std::string where = "stage \"" + stage + "\"", what = fmt::format("needs {} of memory, and there are {}",
                                                           size_text(plan.total()), size_text(available));
  MemoryPlan alone = plan;
  alone.workers = 1;
  alone.gradients = plan.gradients / plan.workers;
  if (const int64_t fits = plan.largest_micro_batch(available); fits > 0)
    throw Error(where, what, fmt::format("micro_batch = {} would fit.", fits));
  if (const int64_t fits = alone.largest_micro_batch(available); fits > 0)
    throw Error(where, what, fmt::format("run.workers = 1 and micro_batch = {} would fit.", fits));
  alone.micro_batch = 1;
  throw Error(where, what,
      fmt::format("One worker with one sample at a time needs {}: freeze more, or take another machine.",
          size_text(alone.total())));
}

double memory_for_this_process() {
  double left = kilobytes("/proc/meminfo", "MemAvailable");
  const double most = number_in("/sys/fs/cgroup/memory.max"), used = number_in("/sys/fs/cgroup/memory.current");
  if (!std::isnan(most) && !std::isnan(used)) left = std::min(left, most - used);
  return left + kilobytes("/proc/self/status", "VmRSS");
}

}  // namespace hilum
