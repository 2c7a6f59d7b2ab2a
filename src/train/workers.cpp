#include "train/workers.h"

#include <new>

#include "train/threads/worker_threads.h"

namespace hilum {

Workers::Workers(TorchOps& main, int count) : main_(main) {
  for (int i = 1; i < count; ++i) replicas_.push_back(std::make_unique<TorchOps>(main));
}

BatchResult Workers::gradients(
    Objective& objective, std::span<const TrainSample> batch, int64_t micro_batch, const ParamList& params) {
  // oneDNN 2.6 now and then says that memory is out when two threads have it make kernels at the same time. A batch
  // changes nothing but gradients, so it is run again, with the same result; where memory is really out, it fails
  // again.
  try {
    return try_gradients(objective, batch, micro_batch, params);
  } catch (const std::bad_alloc&) {
    for (Param* p : params) {
      main_.leaf(*p).mutable_grad() = at::Tensor();
      for (const auto& replica : replicas_) replica->leaf(*p).mutable_grad() = at::Tensor();
    }
    return try_gradients(objective, batch, micro_batch, params);
  }
}

BatchResult Workers::try_gradients(
    Objective& objective, std::span<const TrainSample> batch, int64_t micro_batch, const ParamList& params) {
  struct Part {
    double loss = 0;
    std::map<std::string, double> parts;
  };
  const size_t count = replicas_.size() + 1, micro = static_cast<size_t>(micro_batch);
  BatchResult result;
  for (const TrainSample& sample : batch) result.units += objective.valid_count(sample);
  for (Param* p : params) main_.leaf(*p);  // made here: replicas only look them up

  std::vector<Part> done(count);
  run_workers(count, [&](size_t worker) {
    TorchOps& ops = worker == 0 ? main_ : *replicas_[worker - 1];
    for_micro_batches(batch.size(), micro, worker, count, [&](size_t first, size_t size) {
      const at::Tensor loss = objective.loss_sum(ops, batch.subspan(first, size), done[worker].parts).div(result.units);
      loss.backward();
      done[worker].loss += loss.item<float>();
    });
  });

  for (const Part& part : done) {
    result.loss += part.loss;
    for (const auto& [name, value] : part.parts) result.parts[name] += value / result.units;
  }
  for (Param* p : params)
    for (const auto& replica : replicas_) {
      at::Tensor more = replica->leaf(*p).grad();
      if (!more.defined()) continue;
      at::Tensor leaf = main_.leaf(*p);
      if (leaf.grad().defined()) leaf.grad().add_(more);
      else leaf.mutable_grad() = more.clone();
      replica->leaf(*p).mutable_grad() = at::Tensor();
    }
  return result;
}

}  // namespace hilum
