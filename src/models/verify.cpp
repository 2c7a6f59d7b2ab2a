#include "models/verify.h"

#include <cmath>
#include <limits>
#include <map>

#include "base/error.h"
#include "ops/trace/trace_ops.h"

namespace hilum {
namespace {

const char* const kInputs[] = {"pixel_values", "input_ids", "attention_mask", "labels", "loss"};

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
    check((id >= 0 || id == kImageApart) && id <= std::numeric_limits<int32_t>::max(), where.c_str(),
        "input_ids holds " + std::to_string(id));
    ids.push_back(static_cast<int32_t>(id));
  }
  return ids;
}

// One row for each expected tensor of the dump.
std::vector<CompareRow> compare_all(const std::map<std::string, Tensor>& ours, const SafetensorsFile& dump) {
  std::vector<CompareRow> rows;
  std::string given;
  for (const auto& [name, value] : ours) given += (given.empty() ? "" : ", ") + name;
  for (const SafetensorsEntry& entry : dump.entries()) {
    if (!is_expected_output(entry.name)) continue;
    const auto at = ours.find(entry.name);
    if (at == ours.end())
      throw Error(dump.path().string(), "expects \"" + entry.name + "\", which this model does not give",
          "It gives " + given + ".");
    rows.push_back(compare_values(entry.name, at->second, dump.tensor(entry)));
  }
  return rows;
}

}  // namespace

CompareRow compare_values(const std::string& name, const Tensor& ours, const Tensor& reference) {
  const Tensor a = to_f32(ours), b = to_f32(reference);
  if (a.shape().count() != b.shape().count())
    throw Error(name, "ours has shape " + a.shape().text() + ", the reference " + b.shape().text(),
        "Was the dump made from this model?");
  CompareRow row{.name = name, .shape = b.shape()};
  double difference = 0, aa = 0, bb = 0, ab = 0;
  for (int64_t i = 0; i < a.shape().count(); ++i) {
    const double x = a.f32()[i], y = b.f32()[i];
    row.max_abs = std::max(row.max_abs, std::fabs(x - y));
    difference += (x - y) * (x - y);
    aa += x * x;
    bb += y * y;
    ab += x * y;
  }
  row.rel_l2 = bb > 0 ? std::sqrt(difference / bb) : std::sqrt(difference);
  row.cosine = aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : (aa == bb ? 1.0 : 0.0);
  if (!std::isfinite(difference)) {
    row.rel_l2 = row.max_abs = std::numeric_limits<double>::infinity();
    row.cosine = 0;
  }
  return row;
}

std::vector<CompareRow> compare_to_dump(Ops& ops, const Vlm& model, const SafetensorsFile& dump) {
  const std::string where = dump.path().string();
  TraceOps trace(ops);
  std::map<std::string, Tensor> ours;
  Tensor features;  // [N, P, encoder width]
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
  return compare_all(ours, dump);
}

TextBatch texts_of(const SafetensorsFile& dump) {
  const Tensor ids = dump.tensor("input_ids");
  const std::string where = dump.path().string();
  check(ids.dtype() == DType::kI64 && (ids.shape().rank() == 1 || ids.shape().rank() == 2), where.c_str(),
      "input_ids is not I64 [T] or [M, T]");
  Tensor mask;
  if (dump.find("attention_mask")) {
    mask = dump.tensor("attention_mask");
    check(mask.dtype() == DType::kI64 && mask.shape() == ids.shape(), where.c_str(),
        "attention_mask is not I64 of input_ids' shape");
  }
  std::vector<std::vector<int32_t>> texts(static_cast<size_t>(ids.shape().rank() == 1 ? 1 : ids.dim(0)));
  for (int64_t i = 0; i < ids.shape().count(); ++i) {
    if (mask.defined() && mask.i64()[i] == 0) continue;
    const int64_t id = ids.i64()[i];
    check(id >= 0 && id <= std::numeric_limits<int32_t>::max(), where.c_str(), "input_ids holds " + std::to_string(id));
    texts[static_cast<size_t>(i / ids.shape()[-1])].push_back(static_cast<int32_t>(id));
  }
  return TextBatch::of(texts);
}

std::vector<CompareRow> compare_to_dump(Ops& ops, const DualEncoder& model, const SafetensorsFile& dump) {
  TraceOps trace(ops);
  std::map<std::string, Tensor> ours;
  Tensor images, texts;  // [N, E], [M, E]
  if (dump.find("pixel_values"))
    ours["image_embeds"] = ops.to_host(images = model.embed_image(trace, to_f32(dump.tensor("pixel_values"))));
  if (dump.find("input_ids")) ours["text_embeds"] = ops.to_host(texts = model.embed_text(trace, texts_of(dump)));
  for (const auto& [name, other] : {std::pair{"image_embeds", "image_embedding"}, {"text_embeds", "text_embedding"}})
    if (const auto found = ours.find(name); found != ours.end()) ours[other] = found->second;
  if (!images.defined() && !texts.defined())
    throw Error(
        dump.path().string(), "holds neither pixel_values nor input_ids", "A reference dump begins with its inputs.");
  if (images.defined() && texts.defined()) {
    Tensor logits =
        ops.to_host(ops.scale(ops.matmul_nt(images, texts), static_cast<float>(model.similarity_scale())));  // [N, M]
    for (float& value : logits.values()) value += static_cast<float>(model.similarity_bias());
    ours["logits_per_image"] = logits;
  }
  for (const auto& [name, value] : trace.tags()) {
    ours["tag." + name] = value;
    if (name == "image_features" || name == "text_features") ours[name] = value;
  }
  return compare_all(ours, dump);
}

}  // namespace hilum
