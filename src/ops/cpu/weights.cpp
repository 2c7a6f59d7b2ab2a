#include "ops/cpu/weights.h"

#include <sys/mman.h>

#include <cstdlib>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "base/error.h"
#include "ops/cpu/buffer_pool.h"
#include "ops/cpu/thread_team.h"

namespace hilum {
namespace {

// A mapped file's pages leave this process: the packed copy is what is read from now on. They stay in the system's
// cache for as long as it has room. Owned memory stays as it is.
void no_longer_needed(const Tensor& data) {
  const auto* storage = dynamic_cast<const HostStorage*>(data.storage().get());
  if (!storage || !storage->from_file()) return;
  constexpr uintptr_t kPage = 4096;
  const auto begin = reinterpret_cast<uintptr_t>(data.bytes());
  const uintptr_t first = (begin + kPage - 1) / kPage * kPage, last = (begin + data.size_bytes()) / kPage * kPage;
  if (last > first) madvise(const_cast<std::byte*>(data.bytes()) + (first - begin), last - first, MADV_DONTNEED);
}

// The panels of every weight that some backend of this process has packed and holds, so that two networks over the same
// values (reports and embeddings of one encoder) hold them once. Packing is done under the lock: who comes second waits
// for the panels instead of making them again.
class SharedPanels {
 public:
  using Panels = std::shared_ptr<std::byte>;
  template <typename Make>
  Panels find_or(const KernelTable& table, const Tensor& data, const PackedWeight& form, const Make& make) {
    const std::lock_guard lock(mutex_);
    std::erase_if(entries_, [](const auto& entry) { return entry.second.panels.expired(); });
    Entry& entry = entries_[{&table, data.bytes(), form.n, form.k, form.type}];
    Panels panels = entry.source.lock() == data.storage() ? entry.panels.lock() : nullptr;
    if (panels) return panels;
    panels = make();
    entry = {data.storage(), panels};
    return panels;
  }

 private:
  using Key = std::tuple<const KernelTable*, const std::byte*, int64_t, int64_t, WeightType>;
  struct Entry {
    std::weak_ptr<Storage> source;  // an address may be another weight's by now
    std::weak_ptr<std::byte> panels;
  };
  std::mutex mutex_;
  std::map<Key, Entry> entries_;
};

SharedPanels& shared_panels() {
  static SharedPanels panels;
  return panels;
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
  check(
      type == DType::kF32 || type == DType::kF16 || type == DType::kBF16, p.name().c_str(),
      [&] { return fmt::format("stored as {}, for which this backend has no kernel", dtype_name(type)); },
      "Convert the weight to f32, f16 or bf16.");
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
  w->panels = shared_panels().find_or(table_, p.data(), *w, [&] {
    const int64_t count = (w->n + kPanelWidth - 1) / kPanelWidth;
    const size_t bytes = static_cast<size_t>(count * kPanelWidth * w->k) * (w->type == WeightType::kF32 ? 4 : 2) + 64;
    SharedPanels::Panels panels(allocate_large(bytes), [](std::byte* memory) { std::free(memory); });
    parallel_tasks(threads_, count, [&](int64_t panel) {
      const int64_t first = panel * kPanelWidth, last = first + kPanelWidth < w->n ? first + kPanelWidth : w->n;
      table_.pack(e.bytes, w->type, w->k, w->k, first, last, panels.get());
    });
    no_longer_needed(p.data());
    return panels;
  });
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
