#include "kernels/select.h"

#include <cstdlib>

#include "base/error.h"
#include "kernels/cpu_features.h"

namespace hilum {

extern const KernelTable kPortableTable, kAvx2Table, kAvx512VnniTable;

namespace {

template <typename F>
void fill(F*& pointer, F* portable) {
  if (!pointer) pointer = portable;
}

KernelTable completed(KernelTable t) {
  const KernelTable& p = kPortableTable;
  fill(t.add, p.add);
  fill(t.mul, p.mul);
  fill(t.scale, p.scale);
  fill(t.exp, p.exp);
  fill(t.gelu, p.gelu);
  fill(t.quick_gelu, p.quick_gelu);
  fill(t.silu, p.silu);
  fill(t.tanh, p.tanh);
  fill(t.gated_silu, p.gated_silu);
  fill(t.softmax, p.softmax);
  fill(t.layer_norm, p.layer_norm);
  fill(t.rms_norm, p.rms_norm);
  fill(t.dot, p.dot);
  fill(t.rope, p.rope);
  fill(t.f16_to_f32, p.f16_to_f32);
  fill(t.bf16_to_f32, p.bf16_to_f32);
  fill(t.pack, p.pack);
  fill(t.gemm, p.gemm);
  fill(t.attention, p.attention);
  fill(t.depthwise, p.depthwise);
  fill(t.flops, p.flops);
  return t;
}

std::string names() {
  std::string out;
  for (const KernelTable* table : all_kernel_tables()) out += (out.empty() ? "" : ", ") + std::string(table->name);
  return out;
}

}  // namespace

const std::vector<const KernelTable*>& all_kernel_tables() {
  static const KernelTable tables[] = {completed(kAvx512VnniTable), completed(kAvx2Table), kPortableTable};
  static const std::vector<const KernelTable*> all = {&tables[0], &tables[1], &tables[2]};
  return all;
}

std::vector<const KernelTable*> runnable_kernel_tables(uint32_t offers) {
  std::vector<const KernelTable*> out;
  for (const KernelTable* table : all_kernel_tables())
    if ((table->needs & ~offers) == 0) out.push_back(table);
  return out;
}
std::vector<const KernelTable*> runnable_kernel_tables() { return runnable_kernel_tables(cpu_features().offers()); }

const KernelTable& select_kernel_table(const std::string& name, uint32_t offers) {
  if (name.empty()) return *runnable_kernel_tables(offers).front();
  for (const KernelTable* table : all_kernel_tables())
    if (table->name == name) {
      check((table->needs & ~offers) == 0, "HILUM_KERNELS",
          "this machine cannot run the kernel table \"" + name + "\" (" + cpu_features().text() + ")",
          "Unset HILUM_KERNELS to take the fastest that runs here.");
      return *table;
    }
  throw Error("HILUM_KERNELS", "no kernel table is called \"" + name + "\"", "Known are: " + names() + ".");
}

const KernelTable& select_kernel_table() {
  const char* name = std::getenv("HILUM_KERNELS");  // NOLINT(concurrency-mt-unsafe): nothing sets it
  return select_kernel_table(name ? name : "", cpu_features().offers());
}

}  // namespace hilum
