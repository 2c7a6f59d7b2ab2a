#include "weights.h"

#include <sys/mman.h>

#include <cstdlib>

#include "base/error.h"
#include "buffer_pool.h"

namespace hilum {
namespace {

// Tells the system that these bytes will not be read again soon. A mapped file's pages then leave memory (the packed copy is what is read);
// on owned memory it changes nothing but may move pages to swap. The contents stay valid either way.
void no_longer_needed(const std::byte* bytes, size_t count) {
  constexpr uintptr_t kPage = 4096;
  const uintptr_t first = (reinterpret_cast<uintptr_t>(bytes) + kPage - 1) / kPage * kPage;
  const uintptr_t last = (reinterpret_cast<uintptr_t>(bytes) + count) / kPage * kPage;
#ifdef MADV_PAGEOUT
  if (last > first) madvise(reinterpret_cast<void*>(first), last - first, MADV_PAGEOUT);
#endif
}

}  // namespace

WeightType weight_type(DType dtype) {
  switch (dtype) {
    case DType::kF16: return WeightType::kF16;
    case DType::kBF16: return WeightType::kBF16;
    default: invariant(dtype == DType::kF32, "a dense weight"); return WeightType::kF32;
  }
}

const Tensor& Weights::stored(const Param& p) const {
  check(p.loaded(), p.name().c_str(), "the parameter has no data", "Load a checkpoint or initialise the model first.");
  const DType type = p.storage();
  check(type == DType::kF32 || type == DType::kF16 || type == DType::kBF16, p.name().c_str(),
        "stored as " + std::string(dtype_name(type)) + ", for which this backend has no kernel", "Convert the weight to f32, f16 or bf16.");
  invariant(p.data().shape().count() == p.shape().count(), "a parameter's data has its shape");
  return p.data();
}

Weights::Entry& Weights::entry(const Param& p) {
  const Tensor& data = stored(p);
  Entry& e = entries_[&p];
  if (e.bytes != data.bytes() || e.source.lock() != data.storage()) {
    e = {};
    e.source = data.storage();
    e.bytes = data.bytes();
  }
  return e;
}

const PackedWeight& Weights::packed(const Param& p) {
  const std::lock_guard lock(mutex_);
  Entry& e = entry(p);
  if (e.packed) return *e.packed;
  auto w = std::make_unique<PackedWeight>();
  w->type = weight_type(p.storage());
  w->n = p.shape()[0];
  w->k = p.shape().count() / w->n;
  const int64_t panels = (w->n + kPanelWidth - 1) / kPanelWidth;
  const size_t bytes = static_cast<size_t>(panels * kPanelWidth * w->k) * (w->type == WeightType::kF32 ? 4 : 2) + 64;
  w->panels = std::shared_ptr<std::byte>(allocate_large(bytes), [](std::byte* memory) { std::free(memory); });
#pragma omp parallel for schedule(static) num_threads(threads_)
  for (int64_t panel = 0; panel < panels; ++panel) {
    const int64_t first = panel * kPanelWidth, last = first + kPanelWidth < w->n ? first + kPanelWidth : w->n;
    table_.pack(e.bytes, w->type, w->k, w->k, first, last, w->panels.get());
  }
  no_longer_needed(e.bytes, p.data().size_bytes());
  e.packed = std::move(w);
  return *e.packed;
}

const Tensor& Weights::f32(const Param& p) {
  const std::lock_guard lock(mutex_);
  Entry& e = entry(p);
  if (!e.f32.defined()) e.f32 = to_f32(p.data()).reshaped(p.shape());
  return e.f32;
}

}  // namespace hilum
