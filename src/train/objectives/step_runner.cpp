#include "train/objectives/step_runner.h"

#include <new>

#include "train/threads/worker_threads.h"

namespace hilum {

StepRunner::StepRunner(TorchOps& main, int workers, int64_t micro_batch, ParamList params)
    : main_(main), micro_batch_(static_cast<size_t>(micro_batch)), params_(std::move(params)) {
  for (int i = 1; i < workers; ++i) replicas_.push_back(std::make_unique<TorchOps>(main));
}

StepResult StepRunner::step(Objective& objective, std::span<const TrainSample> samples) {
  // oneDNN 2.6 now and then says that memory is out when two threads have it make kernels at the same time. A step
  // changes nothing but gradients, so it is run again, with the same result; where memory is really out, it fails
  // again.
  try {
    return objective.step(*this, samples);
  } catch (const std::bad_alloc&) {
    clear_gradients();
    return objective.step(*this, samples);
  }
}

StepResult StepRunner::for_each_piece(std::span<const TrainSample> samples, double units, const Piece& work) {
  const size_t count = replicas_.size() + 1;
  for (Param* p : params_) main_.leaf(*p);  // made here: replicas only look them up

  std::vector<StepResult> done(count);
  run_workers(count, [&](size_t worker) {
    TorchOps& ops = worker == 0 ? main_ : *replicas_[worker - 1];
    for_micro_batches(samples.size(), micro_batch_, worker, count,
        [&](size_t first, size_t size) { work(ops, samples.subspan(first, size), first, done[worker]); });
  });

  StepResult result{.units = units};
  for (const StepResult& part : done) {
    result.loss += part.loss;
    for (const auto& [name, value] : part.parts) result.parts[name] += value / units;
  }
  add_up_gradients();
  return result;
}

void StepRunner::clear_gradients() {
  for (Param* p : params_) {
    main_.leaf(*p).mutable_grad() = at::Tensor();
    for (const auto& replica : replicas_) replica->leaf(*p).mutable_grad() = at::Tensor();
  }
}

void StepRunner::add_up_gradients() {
  for (Param* p : params_)
    for (const auto& replica : replicas_) {
      at::Tensor more = replica->leaf(*p).grad();
      if (!more.defined()) continue;
      at::Tensor leaf = main_.leaf(*p);
      if (leaf.grad().defined()) leaf.grad().add_(more);
      else leaf.mutable_grad() = more.clone();
      replica->leaf(*p).mutable_grad() = at::Tensor();
    }
}

}  // namespace hilum
