#include "train/checkpoint.h"

#include <ATen/ops/from_blob.h>

#include <cmath>

#include "base/error.h"
#include "tensor/safetensors.h"

namespace hilum {
namespace {

constexpr const char *kParam = "param.", *kMean = "adamw.mean.", *kSquare = "adamw.square.", *kAverage = "average.",
                     *kBest = "best.";

at::Tensor view(const Tensor& host) {
  return at::from_blob(host.f32(), host.shape().dims(), at::TensorOptions().dtype(at::kFloat));
}

Tensor host_copy(const at::Tensor& value) {
  Tensor host = Tensor::host(Shape(value.sizes().vec()));
  view(host).copy_(value.detach());
  return host;
}

Tensor find(const SafetensorsFile& file, const std::string& name, const Shape& shape) {
  Tensor found = file.tensor(name);
  if (!(found.shape() == shape) || found.dtype() != DType::kF32)
    throw Error(file.path().string(),
        "\"" + name + "\" has shape " + found.shape().text() + ", the recipe's model wants " + shape.text(),
        "Resume with the recipe the checkpoint was written with.");
  return found;
}

const std::string& text(const SafetensorsFile& file, const std::string& key) {
  const auto found = file.metadata().find(key);
  if (found == file.metadata().end())
    throw Error(file.path().string(), "is no training checkpoint: \"" + key + "\" is missing", "");
  return found->second;
}

// A copy of host values where `like` is.
at::Tensor on_device(const Tensor& host, const at::Tensor& like) {
  return view(host).to(like.device(), at::kFloat, /*non_blocking=*/false, /*copy=*/true);
}

double number(const SafetensorsFile& file, const std::string& key) {
  return std::strtod(text(file, key).c_str(), nullptr);
}

std::string exact(double value) {  // text that reads back to the same bits
  char text[40];
  std::snprintf(text, sizeof text, "%.17g", value);
  return text;
}

}  // namespace

void write_checkpoint(const std::filesystem::path& path, const RunState& state, const std::string& recipe,
    TorchOps& ops, const ParamList& params, const StageWeights* stage) {
  std::vector<NamedTensor> tensors;
  for (Param* p : params) {
    ops.store(*p);
    tensors.push_back({kParam + p->name(), p->data()});
  }
  if (stage) {
    for (AdamW::Entry& entry : stage->optimizer->entries()) {
      tensors.push_back({kMean + entry.name, host_copy(entry.mean)});
      tensors.push_back({kSquare + entry.name, host_copy(entry.square)});
    }
    if (stage->average)
      for (WeightAverage::Entry& entry : stage->average->entries())
        tensors.push_back({kAverage + entry.name, host_copy(entry.average)});
    for (const auto& [name, value] : *stage->best) tensors.push_back({kBest + name, value});
  }
  write_safetensors(path, tensors,
      {{"stage", std::to_string(state.stage)}, {"step", std::to_string(state.step)},
          {"next_sample", std::to_string(state.next_sample)}, {"stage_minutes", exact(state.stage_minutes)},
          {"total_minutes", exact(state.total_minutes)}, {"stage_samples", std::to_string(state.stage_samples)},
          {"epoch_loss", exact(state.epoch_loss)}, {"kept_epoch", std::to_string(state.kept_epoch)},
          {"kept_score", exact(state.kept_score)}, {"recipe", recipe}});
}

RunState read_checkpoint_state(const std::filesystem::path& path) {
  const SafetensorsFile file(path);
  return {.stage = std::llround(number(file, "stage")),
      .step = std::llround(number(file, "step")),
      .next_sample = static_cast<uint64_t>(number(file, "next_sample")),
      .stage_samples = static_cast<uint64_t>(number(file, "stage_samples")),
      .stage_minutes = number(file, "stage_minutes"),
      .total_minutes = number(file, "total_minutes"),
      .epoch_loss = number(file, "epoch_loss"),
      .kept_epoch = std::llround(number(file, "kept_epoch")),
      .kept_score = number(file, "kept_score")};
}

std::string read_checkpoint_recipe(const std::filesystem::path& path) { return text(SafetensorsFile(path), "recipe"); }

void read_checkpoint_params(const std::filesystem::path& path, const ParamList& params) {
  const SafetensorsFile file(path);
  for (Param* p : params) p->set_data(find(file, kParam + p->name(), p->shape()));
}

void read_checkpoint_stage(const std::filesystem::path& path, const StageWeights& stage) {
  const SafetensorsFile file(path);
  for (AdamW::Entry& entry : stage.optimizer->entries()) {
    const Shape shape(entry.value.sizes().vec());
    entry.mean = on_device(find(file, kMean + entry.name, shape), entry.value);
    entry.square = on_device(find(file, kSquare + entry.name, shape), entry.value);
    const std::string best = kBest + entry.name;
    if (file.find(best)) (*stage.best)[entry.name] = find(file, best, shape);
  }
  stage.optimizer->set_steps(read_checkpoint_state(path).step);
  if (stage.average)
    for (WeightAverage::Entry& entry : stage.average->entries())
      entry.average.copy_(view(find(file, kAverage + entry.name, Shape(entry.value.sizes().vec()))));
}

}  // namespace hilum
