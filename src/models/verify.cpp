#include "models/verify.h"

#include <cmath>
#include <limits>
#include <map>

#include "base/error.h"
#include "ops/trace/trace_ops.h"

namespace hilum {
namespace {

const char* const kInputs[] = {"pixel_values", "input_ids", "labels", "loss"};

bool is_expected_output(const std::string& name) {
  for (const char* input : kInputs)
    if (name == input) return false;
  return !name.starts_with("grad.");
}

std::vector<int32_t> read_ids(const SafetensorsFile& dump) {
  const Tensor stored = dump.tensor("input_ids");
  const std::string where = dump.path().string();
  check(stored.dtype() == DType::kI64 && stored.shape().rank() == 1, where.c_str(), "input_ids is not I64 [T]");
  std::vector<int32_t> ids;
  for (int64_t i = 0; i < stored.dim(0); ++i) {
    const int64_t id = stored.i64()[i];
    check(id >= 0 && id <= std::numeric_limits<int32_t>::max(), where.c_str(), "input_ids holds " + std::to_string(id));
    ids.push_back(static_cast<int32_t>(id));
  }
  return ids;
}

}  // namespace

CompareRow compare_values(const std::string& name, const Tensor& ours, const Tensor& reference) {
  const Tensor a = to_f32(ours), b = to_f32(reference);
  if (a.shape().count() != b.shape().count())
    throw Error(name, "ours has shape " + a.shape().text() + ", the reference " + b.shape().text(), "Was the dump made from this model?");
  CompareRow row{.name = name, .shape = b.shape()};
  double difference = 0, aa = 0, bb = 0, ab = 0;
  for (int64_t i = 0; i < a.shape().count(); ++i) {
    const double x = a.f32()[i], y = b.f32()[i];
    row.max_abs = std::max(row.max_abs, std::fabs(x - y));
    difference += (x - y) * (x - y);
    aa += x * x, bb += y * y, ab += x * y;
  }
  row.rel_l2 = bb > 0 ? std::sqrt(difference / bb) : std::sqrt(difference);
  row.cosine = aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : (aa == bb ? 1.0 : 0.0);
  if (!std::isfinite(difference)) row.rel_l2 = row.max_abs = std::numeric_limits<double>::infinity(), row.cosine = 0;
  return row;
}

std::vector<CompareRow> compare_to_dump(Ops& ops, const Vlm& model, const SafetensorsFile& dump) {
  const std::string where = dump.path().string();
  TraceOps trace(ops);
  std::map<std::string, Tensor> ours;
  Tensor features;                                                            // [N, P, encoder width]
  if (dump.find("pixel_values")) {
    features = model.encode_images(trace, to_f32(dump.tensor("pixel_values")));
    ours["image_features"] = ops.to_host(features);
  }
  if (dump.find("input_ids")) {
    VlmBatch batch = VlmBatch::single(read_ids(dump), Tensor());
    batch.image_features = features;
    model.logits(trace, batch);
  } else if (features.defined()) {
    model.project(trace, features);
  } else {
    throw Error(where, "holds neither pixel_values nor input_ids", "A reference dump begins with its inputs.");
  }
  for (const auto& [name, value] : trace.tags()) {
    ours["tag." + name] = value;
    if (name == "projected" || name == "logits") ours[name] = value;
  }

  std::vector<CompareRow> rows;
  std::string given;
  for (const auto& [name, value] : ours) given += (given.empty() ? "" : ", ") + name;
  for (const SafetensorsEntry& entry : dump.entries()) {
    if (!is_expected_output(entry.name)) continue;
    const auto at = ours.find(entry.name);
    if (at == ours.end()) throw Error(where, "expects \"" + entry.name + "\", which this model does not give", "It gives " + given + ".");
    rows.push_back(compare_values(entry.name, at->second, dump.tensor(entry)));
  }
  return rows;
}

}  // namespace hilum
